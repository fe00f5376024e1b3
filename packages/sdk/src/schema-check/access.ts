import type { PluginFault } from "../plugin-fault.ts"
import { isObject } from "../values/schema.ts"
import { propertyIn } from "../values/unconditional.ts"
import { isSecret } from "./identity.ts"
import { faultAt, type Rule } from "./subject.ts"

/** `access`: of a source config, and of properties that are there. */
export const accessRule: Rule = (subject, place) => {
  const { access } = place.schema
  if (!isObject(access)) return []
  if (place.parent || subject.name !== "sourceConfig") return [faultAt(subject, place, "/access", "access has no meaning here.", "It belongs to the outermost level of sourceConfig.")]
  return Object.entries(access).flatMap(([part, value]) =>
    placeholders(value).flatMap((name): PluginFault[] => {
      const property = propertyIn(subject.document, place.schema, name)
      const at = `/access/${part}`
      if (property === undefined) return [faultAt(subject, place, at, `"{${name}}" is not a property.`, "Name a property of the schema in braces.")]
      if (part !== "command" || !isSecret(subject.document, property)) return []
      return [faultAt(subject, place, at, `"{${name}}" is a secret, and arguments show in process listings.`, "Hand it over in access.environment.")]
    }),
  )
}

function placeholders(value: unknown): string[] {
  if (typeof value === "string") return [...value.matchAll(/\{([^{}]*)\}/g)].map(([, name = ""]) => name)
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(placeholders) : []
}
