import type { SchemaDocument } from "./document.ts"
import { isObject, type Schema } from "./schema.ts"

/** A schema with all it refers to and all of its `allOf`: what holds for every value it is about. */
export function unconditional(document: SchemaDocument, schema: unknown): Schema[] {
  const found = new Set<Schema>()
  const visit = (part: unknown): void => {
    if (!isObject(part) || found.has(part)) return
    found.add(part)
    visit(document.referred(part))
    if (Array.isArray(part["allOf"])) part["allOf"].forEach(visit)
  }
  visit(schema)
  return [...found]
}

/** The names of all properties that a schema declares, whatever the value. */
export function propertyNames(document: SchemaDocument, schema: unknown): string[] {
  return [...new Set(unconditional(document, schema).flatMap(({ properties }) => (isObject(properties) ? Object.keys(properties) : [])))]
}

/** The schema of one of them, wherever its `properties` stand. */
export function propertyIn(document: SchemaDocument, schema: unknown, name: string): unknown {
  const declaring = unconditional(document, schema).find(({ properties }) => isObject(properties) && Object.hasOwn(properties, name))
  return isObject(declaring?.["properties"]) ? declaring["properties"][name] : undefined
}

/** The names of all properties that a schema requires, whatever the value. */
export function requiredIn(document: SchemaDocument, schema: unknown): string[] {
  return unconditional(document, schema).flatMap(({ required }) => (Array.isArray(required) ? required.map(String) : []))
}

/** The types a schema allows by its `type`; undefined where it names none. */
export function typesOf(document: SchemaDocument, schema: unknown): string[] | undefined {
  const lists = unconditional(document, schema).flatMap(({ type }) => (Array.isArray(type) ? [type.map(String)] : typeof type === "string" ? [[type]] : []))
  return lists.length === 0 ? undefined : lists.reduce((left, right) => left.filter((type) => right.includes(type)))
}
