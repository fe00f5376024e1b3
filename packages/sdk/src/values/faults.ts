import type { ErrorObject } from "ajv"
import { choicesOf } from "./choices.ts"
import type { SchemaDocument } from "./document.ts"
import { step } from "./pointer.ts"
import { isObject } from "./schema.ts"
import { propertyIn, typesOf, unconditional } from "./unconditional.ts"
import { branchNamed, constantOf, mayBeMeant, tagOf } from "./union.ts"

/** One wrong field. */
export interface Fault {
  /** JSON pointer into what was sent. */
  pointer: string
  message: string
}

/** What is wrong with a value, held against a part of a document. Of a union only the branch that the value names is spoken of. */
export function faultsOf(document: SchemaDocument, part: unknown, value: unknown): Fault[] {
  return distinct(faultsAt(document, part, value, ""))
}

const distinct = (faults: readonly Fault[]) => [...new Map(faults.map((fault) => [`${fault.pointer} ${fault.message}`, fault])).values()]

function faultsAt(document: SchemaDocument, part: unknown, value: unknown, at: string): Fault[] {
  const errors = document.errors(part, value)
  const faults: Fault[] = []
  for (let index = errors.length - 1; index >= 0; index--) {
    const error = errors[index]
    if (error?.keyword === "oneOf" || error?.keyword === "anyOf") {
      faults.unshift(...unionFaults(document, error, at))
      index -= reported(document, error, errors.slice(0, index))
    } else if (error && !isSummary(document, error)) faults.unshift(faultOf(document, error, at))
  }
  return faults
}

/** What only says that something else is wrong, unless its author has words for it. */
const isSummary = (document: SchemaDocument, { keyword, parentSchema }: ErrorObject) =>
  (keyword === "if" || keyword === "propertyNames") && ownMessage(document, parentSchema, keyword) === undefined

/** How many of the errors just before a union's own are those of its branches. */
function reported(document: SchemaDocument, union: ErrorObject, before: readonly ErrorObject[]): number {
  const most = branchesOf(union).reduce<number>((sum, branch) => sum + document.errors(branch, union.data).length, 0)
  let count = 0
  while (count < most && isBelow(before.at(-1 - count), union)) count++
  return count
}

const isBelow = (error: ErrorObject | undefined, { instancePath }: ErrorObject) => error !== undefined && `${error.instancePath}/`.startsWith(`${instancePath}/`)

const branchesOf = ({ parentSchema, keyword }: ErrorObject): readonly unknown[] => {
  const branches: unknown = parentSchema?.[keyword]
  return Array.isArray(branches) ? branches : []
}

function unionFaults(document: SchemaDocument, error: ErrorObject, at: string): Fault[] {
  const pointer = at + error.instancePath
  const own = ownMessage(document, error.parentSchema, error.keyword)
  if (own !== undefined) return [{ pointer, message: own }]
  const branches = branchesOf(error)
  const value: unknown = error.data
  if (Array.isArray(error.params["passingSchemas"])) return [{ pointer, message: "fits more than one of the alternatives" }]
  const tag = isObject(value) ? tagOf(document, branches) : undefined
  if (tag !== undefined && isObject(value)) {
    const named = branchNamed(document, branches, tag, value[tag])
    if (named !== undefined) return faultsAt(document, named, value, pointer)
    const allowed = branches.map((branch) => constantOf(document, branch, tag)?.value)
    return [{ pointer: pointer + step(tag), message: Object.hasOwn(value, tag) ? `must be one of ${listed(allowed)}` : `is required: one of ${listed(allowed)}` }]
  }
  const choices = choicesOf(document, error.parentSchema)
  if (choices) return [{ pointer, message: `must be one of ${listed(choices.map((choice) => choice.value))}` }]
  return closestFaults(document, branches, value, pointer)
}

/** Of branches without a tag, those of the value's type; of several the one with the fewest faults. */
function closestFaults(document: SchemaDocument, branches: readonly unknown[], value: unknown, pointer: string): Fault[] {
  const fewest = branches.filter((branch) => mayBeMeant(document, branch, value)).map((branch) => faultsAt(document, branch, value, pointer)).sort((a, b) => a.length - b.length)
  if (fewest[0]) return fewest[0]
  const types = [...new Set(branches.flatMap((branch) => typesOf(document, branch) ?? []))]
  return [{ pointer, message: types.length > 0 ? `must be ${types.join(" or ")}` : "fits none of the alternatives" }]
}

function faultOf(document: SchemaDocument, { keyword, instancePath, params, parentSchema, propertyName, message = "is wrong" }: ErrorObject, at: string): Fault {
  const pointer = at + instancePath
  const member = (property: unknown) => pointer + step(String(property))
  const own = ownMessage(document, parentSchema, keyword)
  if (propertyName !== undefined) return { pointer: member(propertyName), message: own ?? `is no name that is allowed here: it ${message}` }
  switch (keyword) {
    case "required": {
      const name = String(params["missingProperty"])
      return { pointer: member(name), message: ownMessage(document, propertyIn(document, parentSchema, name), keyword) ?? own ?? "is required" }
    }
    case "dependentRequired": return { pointer: member(params["missingProperty"]), message: own ?? `is required where "${params["property"]}" is given` }
    case "additionalProperties": return { pointer: member(params["additionalProperty"]), message: own ?? "is not a known field" }
    case "unevaluatedProperties": return { pointer: member(params["unevaluatedProperty"]), message: own ?? "is not a known field" }
    case "propertyNames": return { pointer: member(params["propertyName"]), message: own ?? message }
    case "enum": return { pointer, message: own ?? `must be one of ${listed(params["allowedValues"])}` }
    case "const": return { pointer, message: own ?? `must be ${JSON.stringify(params["allowedValue"])}` }
    case "false schema": return { pointer, message: own ?? "must not be given" }
    case "format": return { pointer, message: own ?? (params["format"] === "unixpath" ? "must be an absolute path" : message) }
    default: return { pointer, message: own ?? message }
  }
}

/** What the schema's author says of a violated keyword. */
function ownMessage(document: SchemaDocument, schema: unknown, keyword: string): string | undefined {
  const texts = unconditional(document, schema).map(({ messages }) => (isObject(messages) && Object.hasOwn(messages, keyword) ? messages[keyword] : undefined))
  return texts.find((text): text is string => typeof text === "string")
}

const listed = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).join(", ")
