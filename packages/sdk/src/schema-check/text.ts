import { typesOf } from "../values/unconditional.ts"
import { faultAt, type Rule } from "./subject.ts"

const formats = ["password", "unixpath", "reference"]

/** `format`: password, unixpath and reference are of strings, and a secret stands in no schema. */
export const textRule: Rule = (subject, place) => {
  const { format } = place.schema
  if (typeof format !== "string" || !formats.includes(format)) return []
  const types = typesOf(subject.document, place.schema)
  if (types?.join() !== "string") return [faultAt(subject, place, "/format", `The format "${format}" is of strings; this is of ${types?.join(" or ") ?? "anything"}.`, `Say type: "string".`)]
  if (format !== "password") return []
  return ["const", "enum", "examples"].filter((keyword) => keyword in place.schema).map((keyword) =>
    faultAt(subject, place, `/${keyword}`, `A secret has a ${keyword}, which the artifact would hold in the clear.`, "Remove it."),
  )
}
