import type { SchemaDocument } from "../values/document.ts"
import type { Schema } from "../values/schema.ts"
import { propertyIn } from "../values/unconditional.ts"
import type { Place } from "../values/walk.ts"

const applicators = ["allOf", "oneOf", "anyOf", "if", "then", "else"]

/** The schemas that speak about the same value as the one at a place, from there outwards. */
export function sameValue(place: Place): Schema[] {
  const outer = place.parent && applicators.includes(place.keyword) ? sameValue(place.parent) : []
  return [place.schema, ...outer]
}

/** The schema of a property beside the one that is declared at a place. */
export function sibling(document: SchemaDocument, place: Place, name: string): unknown {
  const around = place.parent && place.keyword === "properties" ? sameValue(place.parent) : []
  return around.map((schema) => propertyIn(document, schema, name)).find((schema) => schema !== undefined)
}
