import type { Output } from "../output.ts"
import { clean, cleanLine } from "../text/clean.ts"
import { indented } from "../text/wrap.ts"
import type { Fault } from "./fault.ts"

/** Faults for a person: where, what, and how to mend it. */
export function faultsText(faults: readonly Fault[], { columns, colors }: Output): string {
  const entry = ({ place, at, message, mend }: Fault): string => {
    const where = at === undefined ? place || "the plugin" : `${at}${place === "" ? "" : ` (${place})`}`
    return [colors.bold(cleanLine(where)), indented(clean(message), "  ", columns), indented(clean(mend), "  → ", columns).replaceAll("\n  → ", "\n    ")].join("\n")
  }
  return faults.map(entry).join("\n")
}
