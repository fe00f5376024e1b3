import { isObject } from "@veneer/sdk/values"
import { keyOf, literal } from "./literal.ts"
import { typeText, type DefinitionTypes } from "./type-text.ts"
import { taggedUnion } from "./union-text.ts"

type Json = Record<string, unknown>

/** What is known of the definitions that a schema refers to. */
export interface Rendering {
  types: DefinitionTypes
  /** Names of those that are constants of the code; the others stand in each schema's `$defs`. */
  constants: ReadonlySet<string>
}

/** Keywords that a builder of the SDK takes; with any other the schema is written out. */
const secretOptions = ["title", "description", "prettyName", "rows", "hiddenWhen", "minLength", "maxLength", "pattern", "messages"]
const referenceOptions = ["title", "description", "prettyName", "hiddenWhen", "matches", "messages"]
const credentialsOptions = ["title", "description", "prettyName", "hiddenWhen"]

const simple: Record<string, string> = { string: "String", integer: "Integer", number: "Number", boolean: "Boolean", null: "Null" }

/** The code that makes a schema, indented so deep. */
export function rendered(schema: unknown, rendering: Rendering, depth: number): string {
  if (schema === false) return "Type.Never()"
  if (!isObject(schema) || Object.keys(schema).length === 0) return "Type.Unknown()"
  return referred(schema, rendering) ?? special(schema) ?? unionText(schema, rendering, depth) ?? typed(schema, rendering, depth) ?? writtenOut(schema, rendering)
}

function unionText(schema: Json, rendering: Rendering, depth: number): string | undefined {
  const union = taggedUnion(schema)
  if (!union) return undefined
  const pad = "  ".repeat(depth + 1)
  const lines = union.branches.map(([name, branch]) => `${pad}${keyOf(name)}: ${rendered(branch, rendering, depth + 1)},\n`)
  return `union(${literal(union.tag)}, {\n${lines.join("")}${"  ".repeat(depth)}}${optionsText(union.options)})`
}

function referred({ $ref: reference, ...texts }: Json, { constants, types }: Rendering): string | undefined {
  if (typeof reference !== "string") return undefined
  const name = reference.slice("#/$defs/".length)
  const more = Object.keys(texts).length > 0
  if (!constants.has(name)) return `Type.Unsafe<${types.get(name) ?? "unknown"}>(${literal({ $ref: reference, ...texts })})`
  return more ? `Type.Unsafe<Static<typeof ${name}>>({ ...${name}, ${literal(texts).slice(2, -2)} })` : name
}

/** Secrets, references and credentials, as the SDK's own functions write them. */
function special(schema: Json): string | undefined {
  const { type, format, referenceType, credentials, oneOf, ...options } = schema
  const only = (known: readonly string[]) => Object.keys(options).every((keyword) => known.includes(keyword))
  if (credentials === true && Array.isArray(oneOf) && only(credentialsOptions)) {
    const kinds = oneOf.map((branch: { properties: { type: { const: string } } }) => branch.properties.type.const)
    return `credentials${called({ ...options, ...(kinds.length < 3 && { kinds }) })}`
  }
  if (type !== "string" || oneOf !== undefined) return undefined
  if (format === "password" && only(secretOptions)) return `secret${called(options)}`
  return format === "reference" && only(referenceOptions) ? `reference${called(referenceType, options)}` : undefined
}

const called = (...args: unknown[]): string => `(${args.filter((arg) => !isObject(arg) || Object.keys(arg).length > 0).map(literal).join(", ")})`

function typed(schema: Json, rendering: Rendering, depth: number): string | undefined {
  const { type, ...options } = schema
  if ("const" in schema || isCombined(schema)) return undefined
  if (Array.isArray(schema["enum"])) return schema["enum"].every((value) => typeof value === "string") ? `Type.Enum(${literal(schema["enum"])}${optionsText({ ...schema, enum: undefined })})` : undefined
  if (typeof type !== "string" || schema["format"] === "password") return undefined
  if (Object.hasOwn(simple, type)) return `Type.${simple[type]}(${optionsText(options).replace(/^, /, "")})`
  if (type === "array") return listText(options, rendering, depth)
  return type === "object" ? objectText(options, rendering, depth) : undefined
}

/** A condition or an alternative beside a type is no matter of types; instead of one it is. */
const isCombined = (schema: Json): boolean => ["oneOf", "anyOf", "allOf", "not", "if"].some((keyword) => keyword in schema) && !(schema["type"] === "object" && isObject(schema["properties"]))

function listText({ items, ...options }: Json, rendering: Rendering, depth: number): string | undefined {
  if ("prefixItems" in options || items === false) return undefined
  return `Type.Array(${rendered(items ?? true, rendering, depth)}${optionsText(options)})`
}

/** What is required and not declared is taken for a property of the kind that undeclared ones have. */
function objectText({ properties, required, ...options }: Json, rendering: Rendering, depth: number): string | undefined {
  const { additionalProperties, patternProperties } = options
  if (properties === undefined && isObject(additionalProperties) && required === undefined && Object.keys(options).length === 1) return `Type.Record(Type.String(), ${rendered(additionalProperties, rendering, depth)})`
  const needed = Array.isArray(required) ? required.map(String) : []
  const declared = isObject(properties) ? properties : {}
  const patterns = isObject(patternProperties) ? Object.keys(patternProperties) : []
  const other = (name: string) => (patterns.some((pattern) => new RegExp(pattern, "u").test(name)) ? true : (additionalProperties ?? true))
  const all = { ...Object.fromEntries(needed.map((name) => [name, other(name)])), ...declared }
  const pad = "  ".repeat(depth + 1)
  const lines = Object.entries(all).map(([name, schema]) => {
    const text = rendered(schema, rendering, depth + 1)
    return `${pad}${keyOf(name)}: ${needed.includes(name) ? text : `Type.Optional(${text})`},\n`
  })
  return `Type.Object({${lines.length > 0 ? `\n${lines.join("")}${"  ".repeat(depth)}` : ""}}${optionsText(options)})`
}

const writtenOut = (schema: Json, { types }: Rendering): string => `Type.Unsafe<${typeText(schema, types)}>(${literal(schema)})`

const optionsText = (options: Json): string => (Object.values(options).every((value) => value === undefined) ? "" : `, ${literal(options)}`)
