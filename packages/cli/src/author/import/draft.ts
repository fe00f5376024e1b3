import { isObject } from "@veneer/sdk/values"
import type { Notes } from "./notes.ts"

type Json = Record<string, unknown>

/** One schema of draft 4 to 7 as 2020-12 says the same; the schemas in it are left as they are. */
export function modernised(schema: Json, at: string, notes: Notes): Json {
  return [items, dependencies, bounds, flags].reduce((before, change) => change(before, at, notes), schema)
}

/** A list of items is `prefixItems` now, and what follows them `items`. */
function items({ items: list, additionalItems, ...rest }: Json): Json {
  if (!Array.isArray(list)) return list === undefined ? rest : { ...rest, items: list }
  return { ...rest, prefixItems: list, ...(additionalItems !== undefined && { items: additionalItems }) }
}

/** `dependencies` are two keywords now. */
function dependencies({ dependencies: all, ...rest }: Json): Json {
  if (!isObject(all)) return rest
  const names = Object.entries(all).filter(([, value]) => Array.isArray(value))
  const schemas = Object.entries(all).filter(([, value]) => !Array.isArray(value))
  return { ...rest, ...(names.length > 0 && { dependentRequired: Object.fromEntries(names) }), ...(schemas.length > 0 && { dependentSchemas: Object.fromEntries(schemas) }) }
}

/** In draft 4 an exclusive bound was a flag beside the bound. */
function bounds(schema: Json): Json {
  return [["minimum", "exclusiveMinimum"], ["maximum", "exclusiveMaximum"]].reduce((before, [bound = "", exclusive = ""]) => {
    const { [bound]: value, [exclusive]: flag, ...rest } = before
    if (typeof flag !== "boolean") return before
    return value === undefined ? rest : { ...rest, [flag ? exclusive : bound]: value }
  }, schema)
}

/** Flags that were written as texts. */
function flags(schema: Json, at: string, notes: Notes): Json {
  const { additionalProperties } = schema
  if (additionalProperties !== "true" && additionalProperties !== "false") return schema
  notes.add(`${at}/additionalProperties`, `The text ${JSON.stringify(additionalProperties)} is taken for the flag.`)
  return { ...schema, additionalProperties: additionalProperties === "true" }
}
