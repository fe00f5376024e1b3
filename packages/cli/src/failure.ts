import type { CommanderError } from "commander"
import type { Output } from "./output.ts"
import { clean, cleanJson, cleanLine } from "./text/clean.ts"
import { indented, wrap } from "./text/wrap.ts"

/** What is said of a failure. */
interface Said {
  code: string
  message: string
  action: string
  output?: string
  faults?: readonly { pointer: string; message: string }[]
}

/** Exit codes: 1 the job or request failed, 2 wrong usage, 3 no engine, 130 interrupted. */
export function exitCodeOf(thrown: unknown): number {
  if (!(thrown instanceof Error)) return 1
  if (isCommander(thrown)) return thrown.exitCode === 0 ? 0 : 2
  if (thrown.name === "ExitError" && "exitCode" in thrown) return Number(thrown.exitCode)
  return { UsageError: 2, UnreachableError: 3, InterruptedError: 130 }[thrown.name] ?? 1
}

/** Says on standard error what went wrong and what to do, unless the parser has already. */
export function tell(thrown: unknown, output: Output, path: string): void {
  if (thrown instanceof Error && (thrown.name === "ExitError" || (isCommander(thrown) && /help|version/i.test(thrown.code)))) return
  const said = saidOf(thrown, path)
  process.stderr.write(`${output.json ? cleanJson(said) : layout(said, output)}\n`)
}

function saidOf(thrown: unknown, path: string): Said {
  if (!(thrown instanceof Error)) return { code: "internal", message: String(thrown), action: "Report this as a bug." }
  if (isCommander(thrown)) {
    return { code: "usage", message: thrown.message.replace(/^error: /, "").replace(/^./, (letter) => letter.toUpperCase()), action: `See \`${path} --help\`.` }
  }
  const of = (name: string): string | undefined => (name in thrown ? String(Reflect.get(thrown, name) ?? "") || undefined : undefined)
  const faults: unknown = "faults" in thrown ? thrown.faults : undefined
  const output = of("output")
  return {
    code: of("code") ?? "internal", message: thrown.message, action: of("action") ?? "Report this as a bug.",
    ...(output !== undefined && { output }),
    ...(Array.isArray(faults) && faults.length > 0 && { faults: faults.map(faultOf) }),
  }
}

function faultOf(fault: unknown): { pointer: string; message: string } {
  const text = (name: string): string => (typeof fault === "object" && fault !== null ? String(Reflect.get(fault, name) ?? "") : "")
  return { pointer: text("pointer") || text("at") || text("place"), message: [text("message"), text("mend")].filter(Boolean).join(" ") }
}

/** What, then what to do, then what was said. */
function layout({ code, message, action, output, faults = [] }: Said, { errorColors, columns }: Output): string {
  const [head = "", ...rest] = wrap(cleanLine(message), columns - 2)
  // An interruption was meant; it is no failure.
  const lines = [code === "interrupted" ? cleanLine(message) : [`${errorColors.red("✗")} ${head}`, ...rest.map((line) => `  ${line}`)].join("\n")]
  for (const fault of faults) lines.push(`    ${errorColors.bold(cleanLine(fault.pointer || "/"))}`, indented(clean(fault.message), "      ", columns))
  lines.push(indented(clean(action), "  ", columns))
  if (output !== undefined) for (const line of clean(output).trimEnd().split("\n")) lines.push(errorColors.dim(`    ${line}`))
  return lines.join("\n")
}

const isCommander = (thrown: Error): thrown is CommanderError => thrown.name === "CommanderError" || thrown.name === "InvalidArgumentError"
