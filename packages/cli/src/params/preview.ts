import { documentOf, everyPart, isObject, type Schema, type SchemaDocument } from "@veneer/sdk/values"
import { cleanLine } from "../text/clean.ts"
import { formOf, kindOf, textIn, type Field, type Kind } from "./form.ts"

/** A schema that contains itself is shown so deep. */
const DEPTH_LIMIT = 5

/** The form that a schema makes, as text: every field, and of a union every branch. */
export function formPreview(schema: Schema): string {
  const title = textIn([schema], "prettyName", "title")
  const lines = formLines(documentOf(schema), [schema], {}, 0)
  return [...(title === undefined ? [] : [cleanLine(title)]), ...(lines.length > 0 ? lines : ["  Nothing is asked."])].join("\n")
}

function formLines(document: SchemaDocument, schemas: readonly unknown[], value: Schema, depth: number): string[] {
  if (depth > DEPTH_LIMIT) return [`${indent(depth)}…`]
  const { unions, fields } = formOf(document, schemas, value)
  const shared = new Set(fields.map(({ name }) => name))
  const branches = unions.flatMap(({ tag, branches }) =>
    branches.flatMap((branch) => {
      const own = formOf(document, schemas, { ...value, [tag]: branch.value }).fields.filter(({ name }) => !shared.has(name))
      return [`${indent(depth)}( ) ${cleanLine(branch.title ?? String(branch.value))}${noted(branch.description)}`, ...fieldLines(document, own, depth + 2)]
    }),
  )
  return [...branches, ...fieldLines(document, fields, depth)]
}

function fieldLines(document: SchemaDocument, fields: readonly Field[], depth: number): string[] {
  const width = Math.max(0, ...fields.map((field) => headOf(field).length)) + 2
  return fields.flatMap((field) => {
    const { schemas, kind, description } = field
    const facts = [whatIs(document, schemas, kind), field.default && `[${shown(field.default.value)}]`, hiddenText(document, schemas)].filter((fact) => fact !== undefined && fact !== "")
    const line = `${indent(depth)}${headOf(field).padEnd(width)}${facts.join("  ")}${noted(description)}`.trimEnd()
    return [line, ...(kind.is === "object" ? formLines(document, schemas, {}, depth + 1) : [])]
  })
}

const headOf = ({ label, required, default: preset }: Field): string => cleanLine(label) + (required && !preset ? " *" : "")

const noted = (description: string | undefined): string => (description === undefined ? "" : `  – ${cleanLine(description)}`)

const indent = (depth: number): string => "  ".repeat(depth + 1)

const shown = (value: unknown): string => cleanLine(typeof value === "string" ? value : JSON.stringify(value))

function whatIs(document: SchemaDocument, schemas: readonly unknown[], kind: Kind): string {
  const parts = schemas.flatMap((schema) => everyPart(document, schema))
  switch (kind.is) {
    case "choice": return kind.choices.map(({ value, title }) => cleanLine(title ?? String(value))).join(" | ")
    case "text": return formats[textIn(parts, "referenceType", "format") ?? ""] ?? (kind.rows > 1 ? `text, ${kind.rows} lines` : "text")
    case "secret": return kind.rows > 1 ? `secret, ${kind.rows} lines` : "secret"
    case "number": return `number${rangeOf(parts)}`
    case "boolean": return "yes or no"
    case "list": return `list of ${whatIs(document, itemsOf(parts), kindOf(document, itemsOf(parts))) || "forms"}`
    case "map": return "names and values"
    case "json": return "any value"
    default: return ""
  }
}

const formats: Record<string, string> = { unixpath: "absolute path", environment: "environment", environmentUser: "user of an environment", "date-time": "moment", date: "date", uri: "URL", email: "e-mail address" }

const itemsOf = (parts: readonly Schema[]): unknown[] => parts.map(({ items }) => items).filter(isObject)

function rangeOf(parts: readonly Schema[]): string {
  const bound = (keyword: string) => parts.map((part) => part[keyword]).find((value) => typeof value === "number")
  const [least, most] = [bound("minimum"), bound("maximum")]
  if (least === undefined && most === undefined) return ""
  return most === undefined ? `, at least ${least}` : least === undefined ? `, at most ${most}` : `, ${least} to ${most}`
}

function hiddenText(document: SchemaDocument, schemas: readonly unknown[]): string | undefined {
  const conditions = schemas.flatMap((schema) => everyPart(document, schema)).map(({ hiddenWhen }) => hiddenWhen).find(isObject)
  if (!conditions) return undefined
  return `hidden while ${Object.entries(conditions).map(([name, values]) => `${name} is ${[values].flat().map((value) => (value === null ? "absent" : shown(value))).join(" or ")}`).join(" and ")}`
}
