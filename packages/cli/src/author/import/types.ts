import { allTypes, typesOfKeyword } from "./keywords.ts"
import type { Notes } from "./notes.ts"

type Json = Record<string, unknown>

/** The types a schema says; undefined where it says none. */
export function typesIn(schema: Json): string[] | undefined {
  const said = [schema["type"]].flat().filter((type) => typeof type === "string")
  return said.length > 0 ? said : undefined
}

/**
 * A schema whose types are known ones, and among those that what is around it allows. Where none is said and a keyword is
 * about one, any is taken, as it was.
 * @returns false when no value can be of its types
 */
export function withTypes(schema: Json, at: string, notes: Notes, context: readonly string[] | undefined): Json | false {
  const { type, ...rest } = schema
  const said = [type].flat().filter((one) => one !== undefined)
  const known = said.filter((one): one is string => typeof one === "string" && allTypes.includes(one))
  if (known.length < said.length) notes.add(`${at}/type`, `There is no type ${said.filter((one) => !known.some((other) => other === one)).map((one) => JSON.stringify(one)).join(", ")}; it is left out.`)
  if (known.length > 0) {
    const types = context === undefined ? [...new Set(known)] : among(known, context)
    return types.length === 0 ? false : { type: types.length === 1 ? types[0] : types, ...rest }
  }
  return context === undefined && Object.keys(rest).some((keyword) => Object.hasOwn(typesOfKeyword, keyword)) ? { type: allTypes, ...rest } : rest
}

/** Each integer is a number. */
function among(types: readonly string[], context: readonly string[]): string[] {
  const kept = types.flatMap((type) => {
    if (context.includes(type) || (type === "integer" && context.includes("number"))) return [type]
    return type === "number" && context.includes("integer") ? ["integer"] : []
  })
  return [...new Set(kept)]
}
