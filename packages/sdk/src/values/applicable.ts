import type { SchemaDocument } from "./document.ts"
import { isObject, type Schema } from "./schema.ts"
import { unconditional } from "./unconditional.ts"
import { mayBeMeant } from "./union.ts"

/**
 * Which parts count that not every value has to do with. `none` of them; those that are `meant`, which the value fits or,
 * incomplete, names by its tag; or all that are `possible`: where it neither fits nor names an alternative, every one.
 */
export type Conditions = "none" | "meant" | "possible"

/**
 * Every part of a schema that speaks about a value: the schemas given, what they refer to, all of `allOf`, and of
 * alternatives and conditions those that hold for the value.
 */
export function applicable(document: SchemaDocument, schemas: readonly unknown[], value: unknown, conditions: Conditions): Schema[] {
  const found = new Set<Schema>()
  const visit = (schema: unknown): void => {
    for (const part of unconditional(document, schema)) {
      if (found.has(part)) continue
      found.add(part)
      if (conditions !== "none") conditional(document, part, value, conditions).forEach(visit)
    }
  }
  schemas.forEach(visit)
  return [...found]
}

function conditional(document: SchemaDocument, part: Schema, value: unknown, conditions: Conditions): unknown[] {
  const { if: condition, dependentSchemas } = part
  const alternatives = [listOf(part["oneOf"]), listOf(part["anyOf"])].flatMap((branches) => meant(document, branches, value, conditions))
  const outcome = condition === undefined ? undefined : part[document.accepts(condition, value) ? "then" : "else"]
  const dependent = isObject(value) && isObject(dependentSchemas) ? Object.entries(dependentSchemas).filter(([name]) => Object.hasOwn(value, name)).map(([, schema]) => schema) : []
  return [...alternatives, outcome, ...dependent]
}

function meant(document: SchemaDocument, branches: readonly unknown[], value: unknown, conditions: Conditions): readonly unknown[] {
  const fitting = branches.filter((branch) => document.accepts(branch, value))
  if (fitting.length > 0) return fitting
  const possible = branches.filter((branch) => mayBeMeant(document, branch, value))
  if (conditions === "possible") return possible.length > 0 ? possible : branches
  return possible.length === 1 ? possible : []
}

/** The schemas of the value's member with this name or index, where `parts` are all that speak about the value. */
export function membersOf(parts: readonly Schema[], key: string | number): unknown[] {
  const evaluate = typeof key === "number" ? itemsOf : propertiesOf
  const found = parts.map((part) => evaluate(part, key))
  const rest = typeof key === "number" ? "unevaluatedItems" : "unevaluatedProperties"
  const evaluated = found.filter((schemas) => schemas !== undefined).flat()
  return found.some((schemas) => schemas !== undefined) ? evaluated : parts.map((part) => part[rest]).filter(isObject)
}

/** Undefined where a part says nothing about the item. */
function itemsOf({ prefixItems, items, contains }: Schema, key: string | number): unknown[] | undefined {
  const own: unknown = listOf(prefixItems)[Number(key)] ?? items
  const found = [own, contains].filter((schema) => schema !== undefined)
  return found.length > 0 ? found : undefined
}

function propertiesOf({ properties, patternProperties, additionalProperties }: Schema, key: string | number): unknown[] | undefined {
  const name = String(key)
  const own = isObject(properties) && Object.hasOwn(properties, name) ? [properties[name]] : []
  const matching = isObject(patternProperties) ? Object.entries(patternProperties).filter(([pattern]) => new RegExp(pattern, "u").test(name)).map(([, schema]) => schema) : []
  const found = [...own, ...matching]
  if (found.length > 0) return found
  return additionalProperties === undefined ? undefined : [additionalProperties]
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
