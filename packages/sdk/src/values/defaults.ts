import { applicable, membersOf } from "./applicable.ts"
import { isObject, type Schema } from "./schema.ts"

/**
 * A copy of a value with the schema's defaults where it has nothing, in unions those of the branch it names. ajv's own
 * way fills none within unions.
 */
export function withDefaults(root: Schema, value: unknown, schema: Schema = root): unknown {
  if (Array.isArray(value)) {
    const parts = applicable(root, schema, value)
    return value.map((item, index) => withDefaults(root, item, membersOf(parts, index)))
  }
  if (!isObject(value)) return value
  const filled = fill(root, schema, value)
  const parts = applicable(root, schema, filled)
  return Object.fromEntries(Object.entries(filled).map(([key, item]) => [key, withDefaults(root, item, membersOf(parts, key))]))
}

/** A default may be the tag of a union, which then brings defaults of its own: once more until nothing is added. */
function fill(root: Schema, schema: Schema, value: Schema): Schema {
  const added = applicable(root, schema, value).flatMap(({ properties }) =>
    isObject(properties) ? Object.entries(properties).filter(([key, part]) => isObject(part) && "default" in part && !Object.hasOwn(value, key)) : [],
  )
  if (added.length === 0) return value
  const defaults = added.map(([key, part]): [string, unknown] => [key, isObject(part) ? structuredClone(part["default"]) : undefined])
  return fill(root, schema, { ...Object.fromEntries(defaults), ...value })
}
