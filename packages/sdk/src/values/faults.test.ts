import * as fc from "fast-check"
import { expect, test } from "vitest"
import { createAjv } from "../ajv.ts"
import type { Schema } from "./schema.ts"
import { Validator } from "./validator.ts"

const text = { type: "string" }
const branch = (type: string, properties: object, required: string[] = []) => ({ type: "object", properties: { type: { const: type }, ...properties }, required: ["type", ...required] })
const how = { oneOf: [branch("a", { x: { type: "integer" } }, ["x"]), branch("b", { y: { oneOf: [branch("c", { z: { type: "boolean" } }, ["z"]), branch("d", {})] } }, ["y"])] }

const cases: [what: string, schema: Schema, value: unknown, faults: [pointer: string, message: string][]][] = [
  ["what is missing", { required: ["a"], properties: { a: text } }, {}, [["/a", "is required"]]],
  ["what is too much", { properties: {}, additionalProperties: false }, { "a/b": 1 }, [["/a~1b", "is not a known field"]]],
  ["what nothing evaluates", { allOf: [{ properties: { a: true } }], unevaluatedProperties: false }, { a: 1, b: 1 }, [["/b", "is not a known field"]]],
  ["what another property asks for", { dependentRequired: { a: ["b"] } }, { a: 1 }, [["/b", `is required where "a" is given`]]],
  ["a name that is not allowed", { propertyNames: { pattern: "^[a-z]+$" } }, { A: 1 }, [["/A", `is no name that is allowed here: it must match pattern "^[a-z]+$"`]]],
  ["what must not be given", { properties: { a: false } }, { a: 1 }, [["/a", "must not be given"]]],
  ["a choice", { properties: { a: { enum: ["x", 1, null] } } }, { a: 2 }, [["/a", `must be one of "x", 1, null`]]],
  ["a choice written as alternatives", { properties: { a: { oneOf: [{ const: "x" }, { const: "y" }] } } }, { a: "z" }, [["/a", `must be one of "x", "y"`]]],
  ["a relative path", { properties: { a: { type: "string", format: "unixpath" } } }, { a: "b" }, [["/a", "must be an absolute path"]]],
  ["only the branch that is named", { properties: { how } }, { how: { type: "a", x: "1" } }, [["/how/x", "must be integer"]]],
  ["a branch within a branch", { properties: { how } }, { how: { type: "b", y: { type: "c" } } }, [["/how/y/z", "is required"]]],
  ["a branch that is not there", { properties: { how } }, { how: { type: "q" } }, [["/how/type", `must be one of "a", "b"`]]],
  ["no branch at all", { properties: { how } }, { how: {} }, [["/how/type", `is required: one of "a", "b"`]]],
  ["branches that are referred to", { properties: { how: { oneOf: [{ $ref: "#/$defs/a" }, { $ref: "#/$defs/b" }] } }, $defs: { a: branch("a", { x: text }, ["x"]), b: branch("b", { y: text }, ["y"]) } }, { how: { type: "b" } }, [["/how/y", "is required"]]],
  ["what is beside a union, too", { properties: { how, n: { type: "integer" } }, required: ["m"] }, { how: { type: "a" }, n: "1" }, [["/m", "is required"], ["/how/x", "is required"], ["/n", "must be integer"]]],
  ["alternatives by their types", { properties: { a: { anyOf: [text, { type: "null" }] } } }, { a: 3 }, [["/a", "must be string or null"]]],
  ["the alternative of the value's type", { properties: { a: { anyOf: [{ type: "string", minLength: 3 }, { type: "null" }] } } }, { a: "x" }, [["/a", "must NOT have fewer than 3 characters"]]],
  ["a value of two alternatives", { oneOf: [{ required: ["a"] }, { required: ["b"] }] }, { a: 1, b: 1 }, [["", "fits more than one of the alternatives"]]],
  ["then, not that there is one", { if: { required: ["a"] }, then: { required: ["b"] } }, { a: 1 }, [["/b", "is required"]]],
  ["tuples by index", { properties: { l: { type: "array", prefixItems: [text, { type: "integer" }], minItems: 2, items: false } } }, { l: ["a", "b", "c"] }, [["/l/1", "must be integer"], ["/l", "must NOT have more than 2 items"]]],
  ["in the author's words", { properties: { a: { type: "string", pattern: "^[a-z]+$", messages: { pattern: "takes small letters only" } } } }, { a: "A" }, [["/a", "takes small letters only"]]],
  ["in the author's words what is missing", { required: ["a"], properties: { a: { $ref: "#/$defs/a" } }, $defs: { a: { type: "string", messages: { required: "has to be given" } } } }, {}, [["/a", "has to be given"]]],
  ["in the author's words a union", { properties: { how: { ...how, messages: { oneOf: "is neither a nor b" } } } }, { how: { type: "q" } }, [["/how", "is neither a nor b"]]],
]

const faultsOf = (schema: Schema, value: unknown) => new Validator().faults({ type: "object", ...schema }, value)

test.each(cases)("faults tell %s", (_what, schema, value, faults) => {
  expect(faultsOf(schema, value)).toEqual(faults.map(([pointer, message]) => ({ pointer, message })))
})

/** Schemas with unions, references and conditions in each other, and values that may fit. */
const arbitrary = fc.letrec<{ schema: Schema; value: unknown }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<Schema>({ type: "string", minLength: 2 }, { type: "integer" }, { type: "null" }, { const: "a" }, { enum: ["a", 1] }),
    fc.record({ anyOf: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ oneOf: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ allOf: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }) }),
    fc.record({ not: tie("schema") }),
    fc.record({ if: tie("schema"), then: tie("schema"), else: tie("schema") }),
    fc.record({ type: fc.constant("object"), properties: fc.dictionary(fc.constantFrom("a", "b", "t"), tie("schema"), { maxKeys: 3, noNullPrototype: true }), required: fc.uniqueArray(fc.constantFrom("a", "b", "t"), { maxLength: 2 }), additionalProperties: fc.boolean() }),
    fc.record({ type: fc.constant("object"), propertyNames: tie("schema") }),
    fc.record({ type: fc.constant("array"), prefixItems: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }), items: tie("schema") }),
    fc.constant({ $ref: "#/$defs/d" }),
  ),
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom("a", "abc", "", 1, 2.5, null, true),
    fc.dictionary(fc.constantFrom("a", "b", "t", "x"), tie("value"), { maxKeys: 3, noNullPrototype: true }),
    fc.array(tie("value"), { maxLength: 3 }),
  ),
}))

test("there are faults exactly where the validator finds any, and none is in a place that isn't there", () => {
  const definition = fc.constantFrom<Schema>({ type: "string" }, { oneOf: [{ type: "object", properties: { t: { const: "a" } }, required: ["t"] }, { type: "object", properties: { t: { const: "b" } }, required: ["t", "a"] }] })
  fc.assert(fc.property(arbitrary.schema, definition, arbitrary.value, (inner, d, value) => {
    const schema = { type: "object", properties: { v: inner }, $defs: { d } }
    const faults = new Validator().faults(schema, { v: value })
    expect(faults.length === 0).toBe(createAjv({ strict: false }).validate(schema, { v: value }))
    for (const { pointer } of faults) expect(pointer).toMatch(/^\/v/)
  }), { numRuns: 300 })
})
