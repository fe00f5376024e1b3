import { applicable, membersOf, type Conditions } from "./applicable.ts"
import { documentOf, type SchemaDocument } from "./document.ts"
import { isObject, type Schema } from "./schema.ts"
import { unconditional } from "./unconditional.ts"

/**
 * A copy of a value with the schema's defaults where it has nothing. Those that hold whatever the value is come first, so
 * that a condition or a union is judged by the value it is about; of a union only the branch that is meant gives its own.
 * @param part the part of the schema that the value is about; all of it unless told
 */
export function withDefaults(root: Schema, value: unknown, part: Schema = root): unknown {
  const document = documentOf(root)
  return filled(document, [part], filled(document, [part], value, "none"), "meant")
}

function filled(document: SchemaDocument, schemas: readonly unknown[], value: unknown, conditions: Conditions): unknown {
  if (typeof value !== "object" || value === null) return value
  const complete = Array.isArray(value) ? value : fill(document, schemas, { ...value }, conditions)
  const parts = applicable(document, schemas, complete, conditions)
  if (Array.isArray(complete)) return complete.map((item, index) => filled(document, membersOf(parts, index), item, conditions))
  return Object.fromEntries(Object.entries(complete).map(([key, item]) => [key, filled(document, membersOf(parts, key), item, conditions)]))
}

/** A default may be the tag of a union, which then brings defaults of its own: once more until nothing is added. */
function fill(document: SchemaDocument, schemas: readonly unknown[], value: Schema, conditions: Conditions): Schema {
  const declared = applicable(document, schemas, value, conditions).flatMap(({ properties }) => (isObject(properties) ? Object.entries(properties) : []))
  const added = new Map<string, unknown>()
  for (const [name, schema] of declared) {
    const found = defaultOf(document, schema)
    if (found && !Object.hasOwn(value, name) && !added.has(name)) added.set(name, structuredClone(found.value))
  }
  return added.size === 0 ? value : fill(document, schemas, { ...value, ...Object.fromEntries(added) }, conditions)
}

/** The default of a property, which may stand in what its schema refers to. */
export function defaultOf(document: SchemaDocument, schema: unknown): { value: unknown } | undefined {
  const part = unconditional(document, schema).find((candidate) => "default" in candidate)
  return part && { value: part["default"] }
}
