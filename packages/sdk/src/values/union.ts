import { isDeepStrictEqual } from "node:util"
import type { SchemaDocument } from "./document.ts"
import { isObject } from "./schema.ts"
import { propertyIn, propertyNames, requiredIn, typesOf, unconditional } from "./unconditional.ts"

/** The constant a property of a branch is held to. */
export function constantOf(document: SchemaDocument, branch: unknown, name: string): { value: unknown } | undefined {
  const constant = unconditional(document, propertyIn(document, branch, name)).find((part) => "const" in part)
  return constant && { value: constant["const"] }
}

/** The property that tells the branches of a union apart: each holds it to a constant. */
export function tagOf(document: SchemaDocument, branches: readonly unknown[]): string | undefined {
  return propertyNames(document, branches[0]).find((name) => branches.every((branch) => constantOf(document, branch, name) !== undefined))
}

/** The branch of a union that a tag's value names. */
export function branchNamed(document: SchemaDocument, branches: readonly unknown[], tag: string, value: unknown): unknown {
  return branches.find((branch) => isDeepStrictEqual(constantOf(document, branch, tag)?.value, value))
}

/** Whether a value may be meant by a branch that it does not fit yet: of its type, with its tags. */
export function mayBeMeant(document: SchemaDocument, branch: unknown, value: unknown): boolean {
  if (!isObject(branch)) return branch !== false
  const types = typesOf(document, branch)
  if (types && !types.some((type) => type === typeOf(value) || (type === "number" && typeOf(value) === "integer"))) return false
  if (!isObject(value)) return unconditional(document, branch).every((part) => !("const" in part) || isDeepStrictEqual(part["const"], value))
  const required = requiredIn(document, branch)
  return propertyNames(document, branch).every((name) => {
    const constant = constantOf(document, branch, name)
    if (!constant) return true
    return Object.hasOwn(value, name) ? isDeepStrictEqual(constant.value, value[name]) : !required.includes(name)
  })
}

/** The JSON Schema type of a value. */
function typeOf(value: unknown): string {
  if (value === null) return "null"
  if (Array.isArray(value)) return "array"
  return Number.isInteger(value) ? "integer" : typeof value
}
