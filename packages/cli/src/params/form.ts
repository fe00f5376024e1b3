import {
  applicable, choicesOf, constantOf, defaultOf, everyPart, isObject, membersOf, propertyIn, requiredIn, tagOf, unconditional, type Choice, type Schema, type SchemaDocument,
} from "@veneer/sdk/values"
import { isDeepStrictEqual } from "node:util"

/** One of several things to choose from. */
export interface Option extends Choice {
  description?: string
}

/** Alternatives, told apart by a property. */
export interface Union {
  tag: string
  /** By the tag's value. */
  branches: readonly Option[]
}

/** What can be entered into a field. */
export type Kind =
  | { is: "text"; rows: number } | { is: "secret"; rows: number } | { is: "number" } | { is: "boolean" } | { is: "json" }
  | { is: "choice"; choices: readonly Option[] }
  | { is: "object" }
  | { is: "list" }
  | { is: "map" }

/** One property of an object in a form. */
export interface Field {
  name: string
  label: string
  description: string | undefined
  required: boolean
  /** By a condition on other properties. */
  hidden: boolean
  default: { value: unknown } | undefined
  kind: Kind
  /** Every schema that describes it. */
  schemas: readonly unknown[]
}

/** What a form of an object shows, for the value it has so far. */
export interface Form {
  /** Unions the object itself is of. */
  unions: readonly Union[]
  fields: readonly Field[]
}

/** The form of an object. @param schemas all that describe it */
export function formOf(document: SchemaDocument, schemas: readonly unknown[], value: Schema): Form {
  const parts = applicable(document, schemas, value, "meant")
  const unions = parts.flatMap((part) => unionIn(document, part) ?? [])
  const declared = parts.flatMap(({ properties }) => (isObject(properties) ? Object.keys(properties) : []))
  const ordered = parts.flatMap(({ ordering }) => (Array.isArray(ordering) ? ordering.map(String) : []))
  const names = new Set([...ordered.filter((name) => declared.includes(name)), ...declared].filter((name) => !unions.some(({ tag }) => tag === name)))
  return { unions, fields: [...names].map((name) => fieldOf(document, parts, value, name)) }
}

/** The union that a schema is, if it is one of objects. */
export function unionIn(document: SchemaDocument, part: Schema): Union | undefined {
  const branches: unknown = part["oneOf"] ?? part["anyOf"]
  const tag = Array.isArray(branches) ? tagOf(document, branches) : undefined
  if (!Array.isArray(branches) || tag === undefined) return undefined
  return { tag, branches: branches.map((branch: unknown) => branchOf(document, branch, tag)) }
}

function branchOf(document: SchemaDocument, branch: unknown, tag: string): Option {
  const value = constantOf(document, branch, tag)?.value
  const parts = unconditional(document, branch)
  const title = textIn(parts, "prettyName", "title") ?? textIn(unconditional(document, propertyIn(document, branch, tag)), "title") ?? String(value)
  const description = textIn(parts, "description")
  return { value, title, ...(description !== undefined && { description }) }
}

function fieldOf(document: SchemaDocument, parts: readonly Schema[], value: Schema, name: string): Field {
  const schemas = membersOf(parts, name)
  const own = schemas.flatMap((schema) => unconditional(document, schema))
  return {
    name, schemas, label: textIn(own, "prettyName", "title") ?? name, description: textIn(own, "description"),
    required: parts.some((part) => requiredIn(document, part).includes(name)),
    hidden: own.some(({ hiddenWhen }) => isObject(hiddenWhen) && Object.entries(hiddenWhen).every(([other, values]) => isAmong(document, parts, value, other, values))),
    default: schemas.map((schema) => defaultOf(document, schema)).find((found) => found !== undefined),
    kind: kindOf(document, schemas),
  }
}

/** Whether another property has one of the values, or would have by its default; null stands for none. */
function isAmong(document: SchemaDocument, parts: readonly Schema[], value: Schema, name: string, values: unknown): boolean {
  const preset = membersOf(parts, name).map((schema) => defaultOf(document, schema)).find((found) => found !== undefined)
  const current = Object.hasOwn(value, name) ? value[name] : (preset?.value ?? null)
  return [values].flat().some((candidate) => isDeepStrictEqual(candidate, current))
}

/** What can be entered where a value is described by some schemas. */
export function kindOf(document: SchemaDocument, schemas: readonly unknown[]): Kind {
  const own = schemas.flatMap((schema) => unconditional(document, schema))
  if (own.some((part) => unionIn(document, part))) return { is: "object" }
  const choices = schemas.map((schema) => choicesOf(document, schema)).find((found) => found !== undefined)
  if (choices) return { is: "choice", choices }
  const parts = schemas.flatMap((schema) => everyPart(document, schema))
  const types = new Set(parts.flatMap(({ type }) => [type].flat()).filter((type) => type !== undefined && type !== "null"))
  const rows = Math.max(1, ...parts.map((part) => Number(part["rows"] ?? 1)))
  if (parts.some(({ format }) => format === "password")) return { is: "secret", rows }
  if ([...types].every((type) => type === "integer" || type === "number") && types.size > 0) return { is: "number" }
  if (types.size !== 1) return types.size === 0 ? { is: "json" } : { is: "text", rows }
  const [type] = types
  if (type === "object") return parts.some((part) => isObject(part["properties"])) ? { is: "object" } : { is: "map" }
  return type === "boolean" ? { is: "boolean" } : type === "array" ? { is: "list" } : { is: "text", rows }
}

/** The first text that one of the parts has under one of the keywords. */
export function textIn(parts: readonly Schema[], ...keywords: string[]): string | undefined {
  return keywords.flatMap((keyword) => parts.map((part) => part[keyword])).find((text): text is string => typeof text === "string" && text !== "")
}
