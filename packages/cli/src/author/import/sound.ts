import { isObject, step } from "@veneer/sdk/values"
import { typesOfKeyword } from "./keywords.ts"
import type { Notes } from "./notes.ts"
import { modernPattern } from "./pattern.ts"
import { typesIn } from "./types.ts"

type Json = Record<string, unknown>

/** Formats that are checked. */
const formats = [
  "date", "time", "date-time", "iso-time", "iso-date-time", "duration", "uri", "uri-reference", "uri-template", "url", "email", "hostname", "ipv4", "ipv6", "regex", "uuid", "json-pointer",
  "json-pointer-uri-fragment", "relative-json-pointer", "byte", "int32", "int64", "float", "double", "binary", "password", "unixpath", "reference",
]
const ofStrings = ["password", "unixpath", "reference"]

/** A schema less what strict mode refuses since it can have no effect. @param context the types that what is around it allows */
export function sound(schema: Json, at: string, notes: Notes, context: readonly string[] | undefined): Json {
  return [conditions, idleFor(context), texts, formatted].reduce((before, change) => change(before, at, notes), schema)
}

function conditions(schema: Json, at: string, notes: Notes): Json {
  const { if: condition, then, else: otherwise, ...rest } = schema
  if (condition === undefined ? then === undefined && otherwise === undefined : then !== undefined || otherwise !== undefined) return schema
  notes.add(at, "A condition without an outcome, or an outcome without a condition, has no effect; it is left out.")
  return rest
}

/** Keywords about other types than the one said. */
const idleFor = (context: readonly string[] | undefined) => (schema: Json, at: string, notes: Notes): Json => {
  const said = typesIn(schema) ?? context
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => {
    const about = Object.hasOwn(typesOfKeyword, keyword) ? typesOfKeyword[keyword] : undefined
    if (!about || said === undefined || said.some((type) => about.includes(type))) return true
    notes.add(`${at}${step(keyword)}`, `${keyword} has no effect on ${said.join(" or ")}; it is left out.`)
    return false
  }))
}

/** Patterns under the flag u. */
function texts(schema: Json, at: string, notes: Notes): Json {
  const { pattern, patternProperties, ...rest } = schema
  const modern = (text: string, way: string) => {
    const found = modernPattern(text)
    if (found === undefined) notes.add(at + way, `${JSON.stringify(text)} is no regular expression here; it is left out.`)
    return found
  }
  const own = typeof pattern === "string" ? modern(pattern, "/pattern") : undefined
  const named = isObject(patternProperties) ? Object.entries(patternProperties).map(([text, value]) => [modern(text, `/patternProperties${step(text)}`), value] as const).filter(([text]) => text !== undefined) : []
  return { ...rest, ...(own !== undefined && { pattern: own }), ...(named.length > 0 && { patternProperties: Object.fromEntries(named) }) }
}

function formatted(schema: Json, at: string, notes: Notes): Json {
  const { format, ...rest } = schema
  if (format === undefined) return schema
  const dropped = (why: string) => {
    notes.add(`${at}/format`, `${why}; it is left out.`)
    return rest
  }
  if (typeof format !== "string" || !formats.includes(format)) return dropped(`There is no format ${JSON.stringify(format)}`)
  if (ofStrings.includes(format) && (typesIn(schema) ?? []).join() !== "string") return dropped(`The format ${JSON.stringify(format)} is of strings only`)
  if (format === "unixpath") notes.add(`${at}/format`, "A unixpath is absolute: a relative one is refused.")
  return schema
}
