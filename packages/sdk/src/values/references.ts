import { mapLeaves, type Leaf } from "./leaves.ts"
import { isObject, type Schema } from "./schema.ts"

/** A reference in a value, as a person wrote it. */
export interface WantedReference {
  /** Where it is in the value. */
  pointer: string
  /** What kind of thing it refers to: `environment`, `environmentUser`. */
  referenceType: string
  /** A name or an id. */
  text: string
  /** What the thing must have, by fact; where the schema names another property, that one's value, unless it is absent. */
  matches: Readonly<Record<string, string>>
}

/** Every reference in a value. */
export function referencesIn(schema: Schema, value: unknown): WantedReference[] {
  const found: WantedReference[] = []
  mapLeaves(schema, schema, value, (leaf) => {
    const wanted = wantedBy(leaf)
    if (wanted) found.push(wanted)
    return leaf.value
  })
  return found
}

/** A copy of a value with ids, by pointer, in the place of references. */
export function withIds(schema: Schema, value: unknown, ids: ReadonlyMap<string, string>): unknown {
  return mapLeaves(schema, schema, value, (leaf) => ids.get(leaf.pointer) ?? leaf.value)
}

function wantedBy({ value, parts, pointer, around }: Leaf): WantedReference | undefined {
  const part = parts.find(({ format, referenceType }) => format === "reference" && typeof referenceType === "string")
  if (typeof value !== "string" || typeof part?.["referenceType"] !== "string") return undefined
  const declared = isObject(part["matches"]) ? Object.entries(part["matches"]) : []
  const matches = declared.map(([fact, wanted]): [string, unknown] => [fact, isObject(wanted) ? memberOf(around, String(wanted["property"])) : wanted])
  return { pointer, referenceType: part["referenceType"], text: value, matches: Object.fromEntries(matches.filter((match): match is [string, string] => typeof match[1] === "string")) }
}

const memberOf = (object: unknown, name: string): unknown => (isObject(object) && Object.hasOwn(object, name) ? object[name] : undefined)
