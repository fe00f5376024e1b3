import { credentials } from "@veneer/sdk"
import { isObject, step } from "@veneer/sdk/values"
import { hinted, referring, supplied } from "./delphix.ts"
import type { Definitions } from "./definitions.ts"
import { modernised } from "./draft.ts"
import type { Looked } from "./hide.ts"
import { plainKeywords, typesOfKeyword } from "./keywords.ts"
import type { Notes } from "./notes.ts"
import { sound } from "./sound.ts"
import { typesIn, withTypes } from "./types.ts"

type Json = Record<string, unknown>

/** What a conversion works with. */
export interface Conversion {
  notes: Notes
  definitions: Definitions
  /** JSON pointer of the definition that references are first looked for in: `/linkedSourceDefinition`. */
  root: string
}

/** Where a schema stands. */
interface Position {
  at: string
  /** Properties beside the one whose schema it is. */
  beside: Readonly<Record<string, unknown>>
  /** The types that a schema around it allows the same value. */
  context?: readonly string[] | undefined
}

const single = ["items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else", "unevaluatedItems", "unevaluatedProperties"]
const lists = ["prefixItems", "allOf", "anyOf", "oneOf"]
const maps = ["properties", "patternProperties", "dependentSchemas"]
const inPlace = ["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"]
const own = ["rows", "collapsible", "hiddenWhen", "messages", "referenceType", "matches"]

/** A schema of a foreign file in Veneer's dialect. References are to `#/$defs/<name>` of the definitions. */
export function converted(schema: unknown, conversion: Conversion, { at, beside, context }: Position): unknown {
  if (typeof schema === "boolean") return schema
  if (!isObject(schema)) {
    conversion.notes.add(at, "It is no schema; anything is taken.")
    return {}
  }
  if (schema["$ref"] !== undefined) return referred(schema, conversion, at)
  const { notes } = conversion
  const look = (name: string): Looked | undefined => lookedAt(beside[name])
  const plain = withTypes(hinted(referring(modernised({ ...schema }, at, notes), at, notes), at, notes, look), at, notes, context)
  if (plain === false) return false
  const types = typesIn(plain) ?? context
  const inner = (keyword: string, value: unknown, way = "") =>
    converted(value, conversion, { at: `${at}/${keyword}${way}`, beside: isObject(plain["properties"]) ? plain["properties"] : {}, context: keyword === "propertyNames" ? ["string"] : inPlace.includes(keyword) ? types : undefined })
  const entries = Object.entries(plain).flatMap(([keyword, value]): [string, unknown][] => {
    if (single.includes(keyword)) return [[keyword, inner(keyword, value)]]
    if (lists.includes(keyword) && Array.isArray(value)) return [[keyword, value.map((item: unknown, index) => inner(keyword, item, step(index)))]]
    if (maps.includes(keyword) && isObject(value)) return [[keyword, Object.fromEntries(Object.entries(value).map(([name, item]) => [name, inner(keyword, item, step(name))]))]]
    if (plainKeywords.includes(keyword) || own.includes(keyword) || Object.hasOwn(typesOfKeyword, keyword)) return [[keyword, value]]
    if (!["$schema", "$id", "id", "definitions", "$defs"].includes(keyword)) notes.add(`${at}${step(keyword)}`, `There is no keyword ${JSON.stringify(keyword)}; it is left out.`)
    return []
  })
  return sound(Object.fromEntries(entries), at, notes, types)
}

/** In draft 7 nothing beside a reference counts; titles and texts are kept all the same. */
function referred({ $ref: reference, ...beside }: Json, { notes, definitions, root }: Conversion, at: string): unknown {
  const texts = Object.fromEntries(Object.entries(beside).filter(([keyword]) => ["title", "description", "prettyName"].includes(keyword)))
  for (const keyword of Object.keys(beside)) if (!Object.hasOwn(texts, keyword)) notes.add(`${at}${step(keyword)}`, "Nothing beside a $ref counts; it is left out.")
  const kinds = supplied(reference)
  if (kinds) {
    notes.add(`${at}/$ref`, `It becomes credentials(): a value's type is ${kinds.map((kind) => `"${kind}"`).join(", ")}, and what a vault keeps is one reference by name.`)
    return { ...JSON.parse(JSON.stringify(credentials({ kinds }))), ...texts }
  }
  const found = typeof reference === "string" ? definitions.find(reference, root) : undefined
  if (found) return { ...texts, $ref: `#/$defs/${found.name}` }
  notes.add(`${at}/$ref`, `${JSON.stringify(reference)} refers to nothing in this file; anything is taken.`)
  return texts
}

function lookedAt(schema: unknown): Looked | undefined {
  if (!isObject(schema)) return undefined
  const { type, enum: values, minLength } = schema
  return { type, values: Array.isArray(values) ? values : undefined, mayBeEmpty: (minLength === undefined || minLength === 0) && values === undefined && schema["pattern"] === undefined && schema["format"] === undefined }
}
