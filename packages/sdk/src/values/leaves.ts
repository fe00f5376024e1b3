import { applicable, membersOf } from "./applicable.ts"
import { documentOf, type SchemaDocument } from "./document.ts"
import { step } from "./pointer.ts"
import { isObject, type Schema } from "./schema.ts"

/** A text, number, boolean or null in a value. */
export interface Leaf {
  value: unknown
  /** Every part of the schema that speaks about it. */
  parts: readonly Schema[]
  /** Where it is in the value. */
  pointer: string
  /** The object or list it is in; the value itself if it is a leaf. */
  around: unknown
}

/** A copy of a value in which `change` had its way with every leaf. @param part the part of the schema that the value is about */
export function mapLeaves(root: Schema, part: Schema, value: unknown, change: (leaf: Leaf) => unknown): unknown {
  return mapped(documentOf(root), [part], { value, pointer: "", around: value }, change)
}

function mapped(document: SchemaDocument, schemas: readonly unknown[], { value, pointer, around }: Omit<Leaf, "parts">, change: (leaf: Leaf) => unknown): unknown {
  const parts = applicable(document, schemas, value, "possible")
  const member = (key: string | number, item: unknown) => mapped(document, membersOf(parts, key), { value: item, pointer: pointer + step(key), around: value }, change)
  if (Array.isArray(value)) return value.map((item: unknown, index) => member(index, item))
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, member(key, item)]))
  return change({ value, parts, pointer, around })
}
