import type { SchemaDocument } from "../values/document.ts"
import { isObject, type Schema } from "../values/schema.ts"
import { propertyIn } from "../values/unconditional.ts"
import type { Place } from "../values/walk.ts"

const applicators = ["allOf", "oneOf", "anyOf", "if", "then", "else"]

/** The schemas that speak about the same value as the one at a place, from there outwards. */
export function sameValue(place: Place): Schema[] {
  const outer = place.parent && applicators.includes(place.keyword) ? sameValue(place.parent) : []
  return [place.schema, ...outer]
}

/** A schema and, in every branch and condition of it, all that speaks about the same value. */
export function everyBranch(document: SchemaDocument, schema: unknown, seen = new Set<Schema>()): Set<Schema> {
  if (!isObject(schema) || seen.has(schema)) return seen
  seen.add(schema)
  everyBranch(document, document.referred(schema), seen)
  for (const keyword of applicators) {
    const below = schema[keyword]
    for (const branch of Array.isArray(below) ? below : [below]) everyBranch(document, branch, seen)
  }
  return seen
}

/** The schema of a property beside the one that is declared at a place. */
export function sibling(document: SchemaDocument, place: Place, name: string): unknown {
  const around = place.parent && place.keyword === "properties" ? sameValue(place.parent) : []
  return around.map((schema) => propertyIn(document, schema, name)).find((schema) => schema !== undefined)
}
