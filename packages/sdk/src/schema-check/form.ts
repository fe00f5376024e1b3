import type { PluginFault } from "../plugin-fault.ts"
import { defaultOf } from "../values/defaults.ts"
import { everyPart } from "../values/every-part.ts"
import { step } from "../values/pointer.ts"
import { isObject } from "../values/schema.ts"
import { propertyNames, requiredIn, typesOf, unconditional } from "../values/unconditional.ts"
import type { Place } from "../values/walk.ts"
import { sameValue, sibling } from "./in-place.ts"
import { faultAt, type Rule, type Subject } from "./subject.ts"

/** `ordering` names properties that are there, in whatever branch. */
export const orderingRule: Rule = (subject, place) => {
  const { ordering } = place.schema
  if (!Array.isArray(ordering)) return []
  const names = everyPart(subject.document, place.schema).flatMap((schema) => propertyNames(subject.document, schema))
  return ordering.map(String).flatMap((name, index) => (names.includes(name) ? [] : [faultAt(subject, place, `/ordering/${index}`, `"${name}" is not a property.`, "Name properties of this schema.")]))
}

/** Hints that only fields of one kind can follow. */
export const hintRule: Rule = (subject, place) => {
  const wanted = { rows: ["string"], collapsible: ["object", "array"] }
  const types = everyPart(subject.document, place.schema).flatMap((schema) => typesOf(subject.document, schema) ?? [])
  return Object.entries(wanted).flatMap(([keyword, kinds]) =>
    keyword in place.schema && !types.some((type) => kinds.includes(type)) ? [faultAt(subject, place, `/${keyword}`, `${keyword} is for fields of ${kinds.join(" or ")}.`, `Remove it, or say the type.`)] : [],
  )
}

/** `hiddenWhen` looks at other properties, for values they can have, and hides only what may be left out. */
export const hiddenRule: Rule = (subject, place) => {
  const { hiddenWhen } = place.schema
  if (!isObject(hiddenWhen)) return []
  if (place.keyword !== "properties") return [faultAt(subject, place, "/hiddenWhen", "hiddenWhen is for a property.", "Say it where the property is declared.")]
  const around = place.parent ? sameValue(place.parent) : []
  const isRequired = around.some((schema) => requiredIn(subject.document, schema).includes(place.key))
  const needed = isRequired && !defaultOf(subject.document, place.schema) ? [faultAt(subject, place, "/hiddenWhen", `"${place.key}" is required: hidden, it could not be given.`, "Make it optional, give it a default, or move it into a branch of a union.")] : []
  return [...needed, ...Object.entries(hiddenWhen).flatMap(([name, values]) => conditionFaults(subject, place, name, values))]
}

function conditionFaults(subject: Subject, place: Place, name: string, values: unknown): PluginFault[] {
  const way = `/hiddenWhen${step(name)}`
  const property = name === place.key ? undefined : sibling(subject.document, place, name)
  if (property === undefined) return [faultAt(subject, place, way, `"${name}" is not another property of the same object.`, "Name one that is.")]
  return (Array.isArray(values) ? values : [values])
    .filter((value: unknown) => value !== null && !subject.document.accepts(property, value))
    .map((value: unknown) => faultAt(subject, place, way, `"${name}" can't have the value ${JSON.stringify(value)}.`, "Give a value its schema takes, or null for none."))
}

/** `messages` speak of keywords that stand beside them. */
export const messagesRule: Rule = (subject, place) => {
  const { messages } = place.schema
  if (!isObject(messages)) return []
  const parts = unconditional(subject.document, place.schema)
  return Object.keys(messages)
    .filter((keyword) => !(keyword === "required" && place.keyword === "properties") && !parts.some((part) => keyword in part))
    .map((keyword) => faultAt(subject, place, `/messages${step(keyword)}`, `There is no ${keyword} here that could be violated.`, `Add ${keyword}, or remove its message.`))
}
