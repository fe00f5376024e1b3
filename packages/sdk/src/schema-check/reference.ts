import type { PluginFault } from "../plugin-fault.ts"
import { isObject } from "../values/schema.ts"
import { typesOf, unconditional } from "../values/unconditional.ts"
import type { Place } from "../values/walk.ts"
import { sibling } from "./in-place.ts"
import { faultAt, type Rule, type Subject } from "./subject.ts"

/** What each kind of object can be narrowed by. */
const facts: Record<string, readonly string[]> = { environment: ["hostType"], environmentUser: ["hostType", "environment"] }
const hostTypes = ["unix", "windows"]

/** `format: "reference"`, `referenceType` and `matches` belong together, and what they name is there. */
export const referenceRule: Rule = (subject, place) => {
  const { format, referenceType, matches } = place.schema
  if (format !== "reference") {
    return ["referenceType", "matches"].filter((keyword) => keyword in place.schema).map((keyword) => faultAt(subject, place, `/${keyword}`, `${keyword} has no meaning without format: "reference".`, "Write reference(…)."))
  }
  if (typeof referenceType !== "string") return [faultAt(subject, place, "/referenceType", "The reference does not say what it refers to.", `Say referenceType: ${Object.keys(facts).map((type) => `"${type}"`).join(" or ")}.`)]
  return isObject(matches) ? Object.entries(matches).flatMap(([fact, wanted]) => matchFaults(subject, place, { referenceType, fact, wanted })) : []
}

function matchFaults(subject: Subject, place: Place, { referenceType, fact, wanted }: { referenceType: string; fact: string; wanted: unknown }): PluginFault[] {
  const fault = (message: string, mend: string) => [faultAt(subject, place, `/matches/${fact}`, message, mend)]
  const known = facts[referenceType] ?? []
  if (!known.includes(fact)) return fault(`An ${referenceType} has no "${fact}" to match.`, `It can be matched by ${known.join(" and ")}.`)
  if (!isObject(wanted)) {
    if (fact === "environment") return fault(`An environment can't be named in a schema: ${JSON.stringify(wanted)}.`, "Name the property that refers to it: { property: … }.")
    return hostTypes.includes(String(wanted)) ? [] : fault(`There is no host type ${JSON.stringify(wanted)}.`, `There are ${hostTypes.join(" and ")}.`)
  }
  const name = String(wanted["property"])
  const property = sibling(subject.document, place, name)
  if (property === undefined) return fault(`"${name}" is not a property beside this one.`, "Name one of the same object.")
  if (fact === "hostType") return typesOf(subject.document, property)?.join() === "string" ? [] : fault(`"${name}" is not of strings.`, "Name a property that holds a host type.")
  const refers = unconditional(subject.document, property).some((part) => part["referenceType"] === "environment")
  return refers ? [] : fault(`"${name}" refers to no environment.`, `Name a property made with reference("environment").`)
}
