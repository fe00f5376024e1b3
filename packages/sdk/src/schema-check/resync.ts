import { propertyIn, typesOf } from "../values/unconditional.ts"
import { faultAt, type Rule } from "./subject.ts"

/** `resync` is the one snapshot parameter the engine knows: whether to start over. */
export const resyncRule: Rule = (subject, place) => {
  if (subject.name !== "snapshotParameters" || place.parent) return []
  const resync = propertyIn(subject.document, place.schema, "resync")
  if (resync === undefined || typesOf(subject.document, resync)?.join() === "boolean") return []
  return [faultAt(subject, place, "/properties/resync", "resync says whether to start over, and is of boolean.", "Make it Type.Boolean(), or call it something else.")]
}
