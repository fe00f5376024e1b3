import type { SchemaDocument } from "./document.ts"
import { isObject, type Schema } from "./schema.ts"

const applicators = ["allOf", "oneOf", "anyOf", "if", "then", "else"]

/** A schema and, in every branch and under every condition of it, all that may speak about the same value. */
export function everyPart(document: SchemaDocument, schema: unknown): Schema[] {
  const found = new Set<Schema>()
  const visit = (part: unknown): void => {
    if (!isObject(part) || found.has(part)) return
    found.add(part)
    visit(document.referred(part))
    for (const keyword of applicators) [part[keyword]].flat().forEach(visit)
  }
  visit(schema)
  return [...found]
}
