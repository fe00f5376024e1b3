import type { Fault } from "@veneer/sdk/values"
import { Ajv2020, type ErrorObject, type Options, type ValidateFunction } from "ajv/dist/2020.js"
import addFormats from "ajv-formats"
import type { FastifySchemaCompiler } from "fastify"
import type { TSchema } from "typebox"
import { EngineError } from "../errors.ts"
import { lazily } from "./lazily.ts"

/** Deeper than any request of ours; what walks a request after this may recurse. */
const DEEPEST = 64

/** Compiles the contract's schemas. A body is taken as it is; path and query are text and are turned into what their schema asks. */
export function createValidatorCompiler(): FastifySchemaCompiler<TSchema> {
  const exact = lazily(() => compilerWith({ allErrors: true }))
  const fromText = lazily(() => compilerWith({ allErrors: true, coerceTypes: true }))
  return ({ schema, httpPart = "body" }) => lazily(() => {
    const validate = (httpPart === "body" ? exact : fromText)(schema)
    return (value: unknown) => {
      if (validate(value)) return { value }
      const faults = (validate.errors ?? []).map(faultOf)
      return { error: new EngineError("invalid_request", `The ${places[httpPart] ?? httpPart} is not valid: ${sentence(faults)}.`, { faults }) }
    }
  })
}

function compilerWith(options: Options): (schema: TSchema) => ValidateFunction {
  const ajv = new Ajv2020(options)
  addFormats.default(ajv)
  return (schema) => ajv.compile(schema)
}

const places: Record<string, string> = { body: "body", querystring: "query", params: "path" }

function faultOf({ instancePath, keyword, params, message }: ErrorObject): Fault {
  if (keyword === "required") return { pointer: `${instancePath}/${escaped(params["missingProperty"])}`, message: "is required" }
  if (keyword === "additionalProperties") return { pointer: `${instancePath}/${escaped(params["additionalProperty"])}`, message: "is not known" }
  if (keyword === "enum" && Array.isArray(params["allowedValues"])) return { pointer: instancePath, message: `must be one of ${params["allowedValues"].join(", ")}` }
  return { pointer: instancePath, message: message ?? "is not valid" }
}

/** A reference token of a JSON pointer (RFC 6901, section 3). */
const escaped = (token: unknown): string => String(token).replaceAll("~", "~0").replaceAll("/", "~1")

const sentence = (faults: readonly Fault[]): string => faults.slice(0, 3).map(({ pointer, message }) => `${pointer || "it"} ${message}`).join("; ")

/**
 * Refuses what the catalog can't store: text with NUL or half a surrogate pair, and trees too deep to walk.
 * @throws EngineError `invalid_request`
 */
export function checkText(root: unknown): void {
  const waiting = [{ node: root, pointer: "", depth: 0 }]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { node, pointer, depth } = next
    if (typeof node === "string" && !isStorable(node)) throw refused(pointer, "must be whole Unicode text without NUL")
    if (typeof node !== "object" || node === null || Buffer.isBuffer(node)) continue
    if (depth === DEEPEST) throw refused("", `must not be deeper than ${DEEPEST} levels`)
    for (const [name, child] of Object.entries(node)) {
      if (!isStorable(name)) throw refused(pointer, "has a name that is not whole Unicode text without NUL")
      waiting.push({ node: child as unknown, pointer: `${pointer}/${escaped(name)}`, depth: depth + 1 })
    }
  }
}

const isStorable = (text: string): boolean => !text.includes("\0") && !/\p{Surrogate}/u.test(text)

const refused = (pointer: string, message: string) => new EngineError("invalid_request", `The request can't be taken: ${pointer || "it"} ${message}.`, { faults: [{ pointer, message }] })
