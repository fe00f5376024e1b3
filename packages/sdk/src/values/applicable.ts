import { isObject, type Schema } from "./schema.ts"

const REFERENCE_LIMIT = 32

/**
 * Every part of a schema that speaks about a value: the schema itself, what it refers to, all of `allOf`, and of a union
 * the branches whose tags (`const` properties) the value has.
 */
export function applicable(root: Schema, schema: unknown, value: unknown, depth = 0): Schema[] {
  if (!isObject(schema) || depth > REFERENCE_LIMIT) return []
  const into = (part: unknown) => applicable(root, part, value, depth + 1)
  const unions = [schema["oneOf"], schema["anyOf"]].flatMap((branches) => (Array.isArray(branches) ? branches : []))
  return [
    schema,
    ...(typeof schema["$ref"] === "string" ? into(resolve(root, schema["$ref"])) : []),
    ...(Array.isArray(schema["allOf"]) ? schema["allOf"].flatMap(into) : []),
    ...unions.filter((branch) => fits(root, branch, value)).flatMap(into),
    ...(isObject(schema["if"]) ? into(fits(root, schema["if"], value) ? schema["then"] : schema["else"]) : []),
  ]
}

/** The schemas of the value's members, by key or index. */
export function membersOf(parts: readonly Schema[], key: string | number): Schema {
  return { allOf: parts.flatMap((part) => (typeof key === "number" ? itemsOf(part, key) : propertiesOf(part, key))) }
}

function itemsOf({ prefixItems, items }: Schema, index: number): unknown[] {
  const own: unknown = Array.isArray(prefixItems) ? prefixItems[index] : undefined
  return [own ?? items].filter(isObject)
}

function propertiesOf({ properties, patternProperties, additionalProperties }: Schema, key: string): unknown[] {
  const own = isObject(properties) && Object.hasOwn(properties, key) ? [properties[key]] : []
  const matching = isObject(patternProperties) ? Object.entries(patternProperties).filter(([pattern]) => new RegExp(pattern, "u").test(key)).map(([, part]) => part) : []
  const found = [...own, ...matching]
  return (found.length > 0 ? found : [additionalProperties]).filter(isObject)
}

/** Whether a value may be meant by a branch: of its type, with its tags. The validator has the last word. */
function fits(root: Schema, branch: unknown, value: unknown): boolean {
  if (!isObject(branch)) return branch !== false
  const schema = typeof branch["$ref"] === "string" ? resolve(root, branch["$ref"]) : branch
  if (!isObject(schema)) return true
  if (typeof schema["type"] === "string" && schema["type"] !== typeOf(value)) return schema["type"] === "number" && typeOf(value) === "integer"
  if ("const" in schema && schema["const"] !== value) return false
  if (!isObject(value)) return true
  if (Array.isArray(schema["required"]) && !schema["required"].every((name) => typeof name !== "string" || !isTag(schema, name) || name in value)) return false
  return Object.entries(isObject(schema["properties"]) ? schema["properties"] : {}).every(([name, part]) => !isObject(part) || !("const" in part) || !(name in value) || part["const"] === value[name])
}

/** A property that tells one branch from another. */
export function isTag(schema: Schema, name: string): boolean {
  const properties = schema["properties"]
  const part: unknown = isObject(properties) ? properties[name] : undefined
  return isObject(part) && "const" in part
}

function typeOf(value: unknown): string {
  if (value === null) return "null"
  if (Array.isArray(value)) return "array"
  return Number.isInteger(value) ? "integer" : typeof value
}

/** A reference within the same document: `#/$defs/method`. */
function resolve(root: Schema, reference: string): unknown {
  if (!reference.startsWith("#")) return undefined
  const steps = reference.slice(1).split("/").slice(1).map((step) => decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~"))
  return steps.reduce<unknown>((at, step) => (typeof at === "object" && at !== null && Object.hasOwn(at, step) ? Reflect.get(at, step) : undefined), root)
}
