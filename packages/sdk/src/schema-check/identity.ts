import type { PluginFault } from "../plugin-fault.ts"
import { choicesOf } from "../values/choices.ts"
import type { SchemaDocument } from "../values/document.ts"
import { propertyIn, requiredIn, typesOf, unconditional } from "../values/unconditional.ts"
import { faultAt, type Rule, type Subject } from "./subject.ts"

const scalars = ["string", "integer", "number", "boolean"]

/** Only what discovery finds has an identity and a name, and needs both. */
const found: readonly Subject["name"][] = ["repository", "sourceConfig"]

/** `identityFields` and `nameField`: where they belong, and of properties that can carry them. */
export const identityRule: Rule = (subject, place) => {
  if (place.parent || !found.includes(subject.name)) return misplaced(subject, place)
  const { identityFields, nameField } = place.schema
  return [
    ...(Array.isArray(identityFields) ? identityFields.map(String).flatMap((field) => fieldFaults(subject, place, "identityFields", field)) : [missing(subject, place, "identityFields", "Name the properties that tell one from another.")]),
    ...(typeof nameField === "string" ? fieldFaults(subject, place, "nameField", nameField) : [missing(subject, place, "nameField", "Name the string property that people know it by.")]),
  ]
}

const misplaced: Rule = (subject, place) =>
  ["identityFields", "nameField"].filter((keyword) => keyword in place.schema).map((keyword) =>
    faultAt(subject, place, `/${keyword}`, `${keyword} has no meaning here.`, `It belongs to the outermost level of ${found.join(" and ")}.`),
  )

const missing = (subject: Subject, place: Parameters<Rule>[1], keyword: string, mend: string) => faultAt(subject, place, `/${keyword}`, `The schema "${subject.name}" names no ${keyword}.`, mend)

function fieldFaults(subject: Subject, place: Parameters<Rule>[1], keyword: "identityFields" | "nameField", field: string): PluginFault[] {
  const { document } = subject
  const what = keyword === "nameField" ? "name field" : "identity field"
  const fault = (message: string, mend: string) => [faultAt(subject, place, `/${keyword}`, `The ${what} "${field}" ${message}`, mend)]
  const property = propertyIn(document, place.schema, field)
  if (property === undefined) return fault("is not a property.", "Name a property of the schema.")
  if (isSecret(document, property)) return fault("is a secret, which would be kept and shown in the clear.", "Name a property that may be shown.")
  const types = typesOf(document, property) ?? choicesOf(document, property)?.map(({ value }) => typeof value) ?? ["anything"]
  const allowed = keyword === "nameField" ? ["string"] : scalars
  if (!types.every((type) => allowed.includes(type))) return fault(`is of ${types.join(" or ")}, not of ${allowed.join(", ")}.`, "Name a property of that type.")
  if (!requiredIn(document, place.schema).includes(field)) return fault("is optional.", keyword === "nameField" ? "Make it required: without it there is nothing to show." : "Make it required: without it nothing tells one from another.")
  return []
}

/** Whether a property holds a secret, or an object of credentials. */
export const isSecret = (document: SchemaDocument, property: unknown): boolean =>
  unconditional(document, property).some((part) => part["format"] === "password" || part["credentials"] === true)
