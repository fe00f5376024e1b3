import { isObject } from "@veneer/sdk/values"
import { allTypes } from "./keywords.ts"
import { keyOf } from "./literal.ts"
import { typesIn } from "./types.ts"

/** Texts of the types of definitions, by name; a definition that contains itself has none. */
export type DefinitionTypes = ReadonlyMap<string, string>

/** The type of the values a schema takes, as TypeScript says it; `unknown` where it can't. */
export function typeText(schema: unknown, definitions: DefinitionTypes): string {
  if (schema === false) return "never"
  if (!isObject(schema)) return "unknown"
  if (typeof schema["$ref"] === "string") return definitions.get(schema["$ref"].slice("#/$defs/".length)) ?? "unknown"
  const branches: unknown = schema["oneOf"] ?? schema["anyOf"]
  const parts = [
    ...(Array.isArray(branches) ? [either(branches.map((branch: unknown) => typeText(branch, definitions)))] : []),
    ...(Array.isArray(schema["allOf"]) ? schema["allOf"].map((part: unknown) => typeText(part, definitions)) : []), ownType(schema, definitions),
  ]
  const said = parts.filter((part) => part !== "unknown")
  return said.length > 1 ? said.map((part) => (part.includes(" | ") ? `(${part})` : part)).join(" & ") : (said[0] ?? "unknown")
}

function ownType(schema: Record<string, unknown>, definitions: DefinitionTypes): string {
  if ("const" in schema) return scalarText(schema["const"])
  if (Array.isArray(schema["enum"])) return either(schema["enum"].map(scalarText))
  const types = typesIn(schema)
  return types === undefined || types.length === allTypes.length ? "unknown" : either(types.map((type) => ofType(type, schema, definitions)))
}

function ofType(type: string, schema: Record<string, unknown>, definitions: DefinitionTypes): string {
  switch (type) {
    case "string": return schema["format"] === "password" ? "Secret" : "string"
    case "integer": case "number": return "number"
    case "array": return schema["prefixItems"] === undefined ? `Array<${typeText(schema["items"] ?? true, definitions)}>` : "unknown[]"
    case "object": return objectText(schema, definitions)
    default: return type
  }
}

function objectText({ properties, required, additionalProperties }: Record<string, unknown>, definitions: DefinitionTypes): string {
  const needed = Array.isArray(required) ? required.map(String) : []
  const known = isObject(properties) ? Object.entries(properties) : []
  if (known.length > 0) return `{ ${known.map(([name, schema]) => `${keyOf(name)}${needed.includes(name) ? "" : "?"}: ${typeText(schema, definitions)}`).join("; ")} }`
  return `Record<string, ${isObject(additionalProperties) ? typeText(additionalProperties, definitions) : "unknown"}>`
}

const scalarText = (value: unknown): string => (typeof value === "object" && value !== null ? "unknown" : JSON.stringify(value))

function either(texts: readonly string[]): string {
  const different = [...new Set(texts)]
  return different.includes("unknown") ? "unknown" : different.join(" | ")
}
