import { step } from "./pointer.ts"
import { isObject, type Schema } from "./schema.ts"

/** One schema inside another, or the outermost itself, and where it stands. */
export interface Place {
  schema: Schema
  /** JSON pointer from the outermost schema. */
  pointer: string
  /** What it stands in; undefined for the outermost. */
  parent: Place | undefined
  /** The keyword under which it stands there: `properties`, `oneOf`. */
  keyword: string
  /** Its name or index under that keyword. */
  key: string
}

const single = ["additionalProperties", "propertyNames", "unevaluatedProperties", "items", "contains", "unevaluatedItems", "not", "if", "then", "else", "contentSchema"]
const several = ["allOf", "anyOf", "oneOf", "prefixItems", "properties", "patternProperties", "dependentSchemas", "$defs", "definitions"]

/** A schema and every schema in it, outer ones first. Boolean schemas say nothing and are left out. */
export function* placesIn(root: Schema): Generator<Place> {
  yield* from({ schema: root, pointer: "", parent: undefined, keyword: "", key: "" })
}

function* from(place: Place): Generator<Place> {
  yield place
  for (const keyword of single) yield* below(place, keyword, "", place.schema[keyword], step(keyword))
  for (const keyword of several) {
    for (const [key, schema] of Object.entries(Object(place.schema[keyword]))) yield* below(place, keyword, key, schema, step(keyword) + step(key))
  }
}

function* below(parent: Place, keyword: string, key: string, schema: unknown, way: string): Generator<Place> {
  if (isObject(schema)) yield* from({ schema, pointer: parent.pointer + way, parent, keyword, key })
}
