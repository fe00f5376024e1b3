import type { ErrorObject } from "ajv"
import { createAjv } from "../ajv.ts"
import { dialect, type keywords } from "../keywords.ts"
import type { PluginFault } from "../plugin-fault.ts"
import { step } from "../values/pointer.ts"
import { nearest } from "./nearest.ts"
import { faultAt, pointerOf, type Rule, type Subject } from "./subject.ts"

const STANDARD = "https://json-schema.org/draft/2020-12/schema"

/** How the value of each of Veneer's keywords is written. */
const forms: Record<keyof typeof keywords, string> = {
  identityFields: `identityFields: ["name", …], each the name of a property`,
  nameField: `nameField: "name", the name of a string property`,
  prettyName: `prettyName: "A label"`,
  ordering: `ordering: ["first", "second", …], names of properties`,
  access: `access: { url: "…", command: ["program", …], environment: { NAME: "…" } }`,
  referenceType: `referenceType: "environment", or "environmentUser"`,
  matches: `matches: { hostType: "unix" }, or { environment: { property: "…" } }`,
  credentials: "credentials({ … })",
  rows: "rows: 5, a number of lines",
  collapsible: "collapsible: true",
  hiddenWhen: `hiddenWhen: { otherProperty: "value" }, or a list of values`,
  messages: `messages: { pattern: "must be …" }, by keyword of JSON Schema`,
}

/** Where a schema is not JSON Schema 2020-12 with Veneer's keywords, each with its place. */
export function standardFaults(subject: Subject): PluginFault[] {
  const { root } = subject.document
  const validate = dialectValidator()
  if (validate(root)) return []
  const first = new Map<string, ErrorObject>()
  for (const error of validate.errors ?? []) if (!first.has(error.instancePath)) first.set(error.instancePath, error)
  const places = [...first.keys()]
  // What encloses a wrong value is wrong for its sake.
  return [...first.values()].filter(({ instancePath }) => !places.some((other) => other.startsWith(`${instancePath}/`))).map((error) => faultOf(subject, error))
}

function faultOf(subject: Subject, { instancePath, message = "is wrong", params }: ErrorObject): PluginFault {
  const place = pointerOf(subject, instancePath)
  const keyword = Object.keys(forms).find((name) => instancePath.split("/").slice(-3).includes(name))
  const allowed = Array.isArray(params["allowedValues"]) ? `: ${params["allowedValues"].join(", ")}` : ""
  return { place, message: `${place} ${message}${allowed}.`, mend: keyword === undefined ? "Write it as JSON Schema 2020-12 has it." : `Write ${Reflect.get(forms, keyword)}.` }
}

/** What costs time to make is made when a plugin is checked, not when the SDK is loaded. */
const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined
  return () => (made ??= make())
}

const dialectValidator = once(() => createAjv().compile(dialect))
const known = once(() => createAjv())

/** Keywords that mean nothing: mistyped, or of another version of the standard. */
export const unknownKeywords: Rule = (subject, place) =>
  Object.keys(place.schema).filter((keyword) => !Object.hasOwn(known().RULES.keywords, keyword)).map((keyword) => {
    const meant = nearest(keyword, Object.keys(known().RULES.keywords))
    return faultAt(subject, place, step(keyword), `There is no keyword "${keyword}".`, meant === undefined ? "Remove it: nothing would heed it." : `Did you mean "${meant}"?`)
  })

/** Only the outermost schema says which version it is of, and it is of this one. */
export const otherVersion: Rule = (subject, place) => {
  const version = place.schema["$schema"]
  return version === undefined || version === STANDARD ? [] : [faultAt(subject, place, "/$schema", `The schema is of ${JSON.stringify(version)}.`, `Leave $schema out, or say "${STANDARD}".`)]
}

/** Formats nobody knows, which would be held against nothing. */
export const unknownFormats: Rule = (subject, place) => {
  const { format } = place.schema
  if (typeof format !== "string" || Object.hasOwn(known().formats, format)) return []
  const meant = nearest(format, Object.keys(known().formats))
  return [faultAt(subject, place, "/format", `There is no format "${format}".`, meant === undefined ? "Say it with pattern." : `Did you mean "${meant}"?`)]
}

/** References that lead nowhere. */
export const unresolvedReferences: Rule = (subject, place) =>
  ["$ref", "$dynamicRef"].flatMap((keyword) => {
    const reference = place.schema[keyword]
    if (typeof reference !== "string" || subject.document.referred(place.schema) !== undefined) return []
    return [faultAt(subject, place, step(keyword), `${JSON.stringify(reference)} refers to nothing in this schema.`, "Put what it means into $defs and refer to it there: #/$defs/name.")]
  })

/** What only compiling shows: keywords that can't apply, conditions without an outcome. */
export function strictFaults(subject: Subject): PluginFault[] {
  const said: string[] = []
  const warn = (...texts: unknown[]) => said.push(texts.map(String).join(" "))
  try {
    createAjv({ strict: "log", logger: { log: warn, warn, error: warn } }).compile(subject.document.root)
    createAjv().compile(subject.document.root)
  } catch (error) {
    if (said.length === 0) said.push(error instanceof Error ? error.message : String(error))
  }
  return said.map((text) => {
    const [, what = text, way = ""] = /^strict mode: (.*?)(?: at (?:path )?"[^"#]*#([^"]*)")?(?: \(\w+\))?$/.exec(text) ?? []
    const place = pointerOf(subject, decodeURIComponent(way))
    return { place, message: `${place}: ${what}.`, mend: `Strict mode takes no keyword that can't have an effect. ${/missing type/.test(what) ? "Say the type beside it." : "Complete it, or take it out."}` }
  })
}
