import { faultsOf, type SchemaDocument } from "@veneer/sdk/values"
import { ask } from "../ask.ts"
import { cleanLine } from "../text/clean.ts"
import type { Field, Option } from "./form.ts"
import { Raw } from "./parse.ts"
import { textFile } from "./text-file.ts"
import { typedBy } from "./typed.ts"

/** More choices than this stand on lines of their own even when they have no titles. */
const INLINE_CHOICES = 6

/** What a single answer is about. */
export interface Asked extends Pick<Field, "label" | "kind" | "schemas"> {
  description?: string | undefined
  default?: Field["default"]
  /** What an empty answer means, as a word or two, where it is taken. */
  empty?: string | undefined
}

/**
 * Asks for one value until the answer fits its schema.
 * @returns undefined for an empty answer, where one is taken
 */
export async function question(document: SchemaDocument, asked: Asked): Promise<unknown> {
  introduce(asked)
  for (;;) {
    const text = await answerTo(asked)
    if (text === "" && (asked.default || asked.empty !== undefined)) return undefined
    const value = valueOf(document, asked, text)
    const faults = text === "" ? ["is required"] : asked.schemas.flatMap((schema) => faultsOf(document, schema, value).map(({ message }) => message))
    if (faults.length === 0) return value
    for (const fault of new Set(faults)) tell(`  ${fault}`)
  }
}

/** Asks yes or no. */
export async function agreed(text: string): Promise<boolean> {
  return /^y(es)?$/i.test((await ask(`${cleanLine(text)} [y/N] `)).trim())
}

/** Says something to the person at the terminal. */
export const tell = (text: string): void => void process.stderr.write(`${cleanLine(text).replace(/^ */, /^ */.exec(text)?.[0] ?? "")}\n`)

function introduce({ label, description, kind }: Asked): void {
  if (description !== undefined) tell(`${label}: ${description}`)
  if (kind.is === "choice" && !isInline(kind.choices)) for (const [index, { value, title = String(value), description: more }] of kind.choices.entries()) tell(`  ${index + 1}  ${title}${more === undefined ? "" : `: ${more}`}`)
}

const isInline = (choices: readonly Option[]): boolean => choices.length <= INLINE_CHOICES && choices.every(({ title }) => title === undefined)

async function answerTo({ label, kind, empty, default: preset }: Asked): Promise<string> {
  const several = "rows" in kind && kind.rows > 1
  const hints = [
    kind.is === "choice" && isInline(kind.choices) && kind.choices.map(({ value }) => String(value)).join(", "),
    kind.is === "boolean" && "y or n", kind.is === "json" && "JSON or text", several && "several lines, an empty one ends; @file reads a file", !preset && empty,
  ].filter((hint): hint is string => typeof hint === "string")
  const shown = preset && ` [${kind.is === "boolean" ? (preset.value === true ? "y" : "n") : presetText(kind, preset.value)}]`
  const text = await ask(`${cleanLine(label + (hints.length > 0 ? ` (${hints.join("; ")})` : "") + (shown ?? ""))}: `, { hidden: kind.is === "secret", several })
  return several && text.startsWith("@") && !text.includes("\n") ? textFile(text.slice(1)) : text
}

function presetText(kind: Asked["kind"], value: unknown): string {
  const index = kind.is === "choice" ? kind.choices.findIndex((choice) => choice.value === value) : -1
  if (kind.is === "choice" && index !== -1 && !isInline(kind.choices)) return String(index + 1)
  return typeof value === "string" ? value : JSON.stringify(value)
}

function valueOf(document: SchemaDocument, { kind, schemas }: Asked, text: string): unknown {
  if (kind.is === "boolean" && /^(y|yes|true)$/i.test(text.trim())) return true
  if (kind.is === "boolean" && /^(n|no|false)$/i.test(text.trim())) return false
  if (kind.is === "choice") {
    const chosen = kind.choices.find(({ value, title }) => String(value) === text.trim() || title === text.trim()) ?? kind.choices[Number(text) - 1]
    if (chosen) return chosen.value
  }
  return kind.is === "secret" || kind.is === "text" ? text : typedBy(document, schemas, new Raw(text.trim()))
}
