import { applicable, choicesOf, documentOf, everyPart, membersOf, type Schema, type SchemaDocument } from "@veneer/sdk/values"
import { isDeepStrictEqual } from "node:util"
import { UsageError } from "../errors.ts"
import { isTree, Raw } from "./parse.ts"

/** Gives every text the type its schema asks for. What no schema describes stays text, for the engine to judge. */
export const typed = (schema: Schema, node: unknown): unknown => typedBy(documentOf(schema), [schema], node)

/** The same by some schemas of a document. */
export function typedBy(document: SchemaDocument, schemas: readonly unknown[], node: unknown): unknown {
  if (node instanceof Raw) return typedText(document, schemas, node.text)
  if (Array.isArray(node)) return node.map((item: unknown, index) => typedBy(document, itemsOf(document, schemas, index), item))
  if (!isTree(node)) return node
  const indexes = Object.keys(node)
  if (isList(document, schemas) && indexes.every((name, index) => name === String(index))) return typedBy(document, schemas, Object.values(node))
  return typedObject(document, schemas, node)
}

/** Rounds in which a value's parts settle which schemas describe the others; more would be schemas that contradict themselves. */
const ROUNDS = 5

/** Some parts of a value decide which branch's schemas describe the others: again until nothing changes. */
function typedObject(document: SchemaDocument, schemas: readonly unknown[], node: Record<string, unknown>): unknown {
  let value: Record<string, unknown> = plain(node)
  for (let round = 0; round < ROUNDS; round++) {
    const parts = applicable(document, schemas, value, "possible")
    const next = Object.fromEntries(Object.entries(node).map(([name, child]) => [name, typedBy(document, membersOf(parts, name), child)]))
    if (isDeepStrictEqual(next, value)) break
    value = next
  }
  return value
}

const plain = (node: Record<string, unknown>): Record<string, unknown> => JSON.parse(JSON.stringify(node))

const itemsOf = (document: SchemaDocument, schemas: readonly unknown[], index: number) => membersOf(applicable(document, schemas, [], "possible"), index)

function isList(document: SchemaDocument, schemas: readonly unknown[]): boolean {
  const types = typesIn(document, schemas)
  return types.has("array") && !types.has("object")
}

function typedText(document: SchemaDocument, schemas: readonly unknown[], text: string): unknown {
  const choice = schemas.flatMap((schema) => choicesOf(document, schema) ?? []).find(({ value }) => String(value) === text || JSON.stringify(value) === text)
  if (choice) return choice.value
  const types = typesIn(document, schemas)
  if (types.has("boolean") && (text === "true" || text === "false")) return text === "true"
  if (types.has("integer") && /^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text)
  if (types.has("number") && text.trim() !== "" && Number.isFinite(Number(text))) return Number(text)
  if (types.has("null") && text === "null") return null
  if ((types.has("object") && text.startsWith("{")) || (types.has("array") && text.startsWith("["))) return json(text)
  return text
}

/** The types that a value yet to be typed may have. */
export function typesIn(document: SchemaDocument, schemas: readonly unknown[]): Set<unknown> {
  return new Set(schemas.flatMap((schema) => everyPart(document, schema)).flatMap(({ type }) => (Array.isArray(type) ? type.map(String) : typeof type === "string" ? [type] : [])))
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new UsageError("A parameter's value is no JSON.", cause instanceof Error ? cause.message : undefined)
  }
}
