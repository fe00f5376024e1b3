import type { SchemaDocument } from "./document.ts"
import { isObject } from "./schema.ts"
import { unconditional } from "./unconditional.ts"

/** One of the values a schema allows, with the title it has. */
export interface Choice {
  value: unknown
  title?: string
}

/** The values a schema allows when it names them one by one: `enum`, `const`, or a union of such. */
export function choicesOf(document: SchemaDocument, schema: unknown): Choice[] | undefined {
  for (const part of unconditional(document, schema)) {
    if (Array.isArray(part["enum"])) return part["enum"].map((value: unknown) => ({ value }))
    if ("const" in part) return [{ value: part["const"], ...(typeof part["title"] === "string" && { title: part["title"] }) }]
    const branches: unknown = part["oneOf"] ?? part["anyOf"]
    if (!Array.isArray(branches) || branches.length === 0 || !branches.every(isObject)) continue
    const each = branches.map((branch) => choicesOf(document, branch))
    const known = each.filter((choices) => choices !== undefined)
    if (known.length === each.length) return known.flat()
  }
  return undefined
}
