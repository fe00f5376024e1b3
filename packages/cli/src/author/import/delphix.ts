import type { CredentialsKind } from "@veneer/sdk"
import { isObject } from "@veneer/sdk/values"
import { hiddenBy, type Looked } from "./hide.ts"
import type { Notes } from "./notes.ts"

type Json = Record<string, unknown>

/** The schema of predefined types; an identifier, no address. */
const PLATFORM = "https://delphix.com/platform/api#"

/** Predefined credentials, by what they admit. */
const suppliers: Record<string, readonly [CredentialsKind, ...CredentialsKind[]]> = {
  credentialsSupplier: ["password", "keyPair", "reference"],
  passwordCredentialsSupplier: ["password", "reference"],
  keyCredentialsSupplier: ["keyPair", "reference"],
}

const referenceTypes: Record<string, { referenceType: string; matches?: Json } | undefined> = {
  UNIX_HOST_ENVIRONMENT: { referenceType: "environment", matches: { hostType: "unix" } },
  WINDOWS_HOST_ENVIRONMENT: { referenceType: "environment", matches: { hostType: "windows" } },
  HOST_USER: { referenceType: "environmentUser" },
}

/** The kinds of credentials that a reference to a predefined type asks for. */
export function supplied(reference: unknown): readonly [CredentialsKind, ...CredentialsKind[]] | undefined {
  if (typeof reference !== "string" || !reference.startsWith(PLATFORM)) return undefined
  const name = reference.split("/").at(-1) ?? ""
  return Object.hasOwn(suppliers, name) ? suppliers[name] : undefined
}

/** A reference to an environment or a user in Veneer's words. */
export function referring({ format, referenceType, matches, ...rest }: Json, at: string, notes: Notes): Json {
  if (format !== "reference" && format !== "objectReference") {
    for (const [keyword, value] of Object.entries({ referenceType, matches })) if (value !== undefined) notes.add(`${at}/${keyword}`, "It says nothing without format: reference, and is left out.")
    return { ...rest, ...(format !== undefined && { format }) }
  }
  const known = Object.hasOwn(referenceTypes, String(referenceType)) ? referenceTypes[String(referenceType)] : undefined
  if (!known) {
    notes.add(`${at}/referenceType`, `Nothing here can be referred to as ${JSON.stringify(referenceType)}; it becomes a plain text.`)
    return rest
  }
  const environment = typeof matches === "string" && known.referenceType === "environmentUser" ? { environment: { property: matches } } : {}
  if (matches !== undefined && !("environment" in environment)) notes.add(`${at}/matches`, "Only a user matches an environment; it is left out.")
  const all = { ...known.matches, ...environment }
  return { ...rest, format: "reference", referenceType: known.referenceType, ...(Object.keys(all).length > 0 && { matches: all }) }
}

/**
 * Hints of a dynamic form in Veneer's words.
 * @param look what a property of that name beside this one is; undefined where there is none
 */
export function hinted({ dxFormProperties: hints, ...schema }: Json, at: string, notes: Notes, look: (name: string) => Looked | undefined): Json {
  if (!isObject(hints)) return schema
  const place = `${at}/dxFormProperties`
  const { rows, collapsible, expanded, hideExpression, validationMessages, ...others } = hints
  const hiddenWhen = typeof hideExpression === "string" ? hiddenBy(hideExpression, look) : undefined
  if (hideExpression !== undefined && !hiddenWhen) notes.add(`${place}/hideExpression`, `${JSON.stringify(hideExpression)} can't be said with hiddenWhen, which compares properties of the same object with values; the field is always shown.`)
  if (expanded !== undefined) notes.add(`${place}/expanded`, "Whether it begins folded is the form's to say; it is left out.")
  for (const name of Object.keys(others)) notes.add(`${place}/${name}`, `There is no such hint ${JSON.stringify(name)}; it is left out.`)
  return { ...schema, ...Object.fromEntries(Object.entries({ rows, collapsible, hiddenWhen, messages: validationMessages }).filter(([, value]) => value !== undefined)) }
}
