import { expect, test } from "vitest"
import { withDefaults } from "./defaults.ts"
import type { Schema } from "./schema.ts"

const branch = (type: string, properties: object, required: string[] = []) => ({ type: "object", properties: { type: { const: type }, ...properties }, required: ["type", ...required] })
const how = { oneOf: [branch("a", { x: { default: 1 }, same: { default: "a" } }, ["x"]), branch("b", { y: { default: 2 }, same: { default: "b" } }, ["y", "z"])] }
const mode = { properties: { mode: { default: "z" } }, if: { properties: { mode: { const: "x" } } }, then: { properties: { t: { default: 1 } } }, else: { properties: { e: { default: 2 } } } }

const cases: [what: string, schema: Schema, value: unknown, filled: unknown][] = [
  ["what is absent", { properties: { a: { default: 1 }, b: {} } }, {}, { a: 1 }],
  ["nothing that is there, null and false included", { properties: { a: { default: 1 }, b: { default: true } } }, { a: null, b: false }, { a: null, b: false }],
  ["through references", { properties: { a: { $ref: "#/$defs/a" } }, $ref: "#/$defs/more", $defs: { a: { default: 1 }, more: { properties: { b: { default: 2 } } } } }, {}, { a: 1, b: 2 }],
  ["of all of allOf, the first where several give one", { allOf: [{ properties: { a: { default: 1 } } }, { properties: { a: { default: 2 }, b: { default: 3 } } }] }, {}, { a: 1, b: 3 }],
  ["the branch that is named, though it is not complete", { properties: { how } }, { how: { type: "b" } }, { how: { type: "b", y: 2, same: "b" } }],
  ["no branch where none is named", { properties: { how } }, { how: {} }, { how: {} }],
  ["no branch where one is named that is not there", { properties: { how } }, { how: { type: "c" } }, { how: { type: "c" } }],
  ["the branch that a default names", { properties: { how: { ...how, default: { type: "a" } } } }, {}, { how: { type: "a", x: 1, same: "a" } }],
  ["branches that are referred to", { properties: { how: { oneOf: [{ $ref: "#/$defs/a" }, { $ref: "#/$defs/b" }] } }, $defs: { a: branch("a", { x: { default: 1 } }), b: branch("b", { y: { default: 2 } }) } }, { how: { type: "b" } }, { how: { type: "b", y: 2 } }],
  ["a union in a branch of a union", { properties: { how: { oneOf: [branch("o", { inner: how })] } } }, { how: { type: "o", inner: { type: "a" } } }, { how: { type: "o", inner: { type: "a", x: 1, same: "a" } } }],
  ["of then, where the condition holds", mode, { mode: "x" }, { mode: "x", t: 1 }],
  ["of else, by the default that the condition looks at", mode, {}, { mode: "z", e: 2 }],
  ["by a default deeper than the condition", { properties: { m: { type: "object", properties: { k: { default: "on" } } } }, if: { properties: { m: { properties: { k: { const: "on" } }, required: ["k"] } }, required: ["m"] }, then: { properties: { t: { default: 1 } } }, else: { properties: { e: { default: 2 } } } }, { m: {} }, { m: { k: "on" }, t: 1 }],
  ["what depends on another property", { dependentSchemas: { a: { properties: { b: { default: 1 } } } } }, { a: 0 }, { a: 0, b: 1 }],
  ["nothing that depends on an absent one", { dependentSchemas: { a: { properties: { b: { default: 1 } } } } }, {}, {}],
  ["items and tuples", { properties: { l: { prefixItems: [{ type: "object", properties: { p: { default: 0 } } }], items: { type: "object", properties: { i: { default: 1 } } } } } }, { l: [{}, {}, {}] }, { l: [{ p: 0 }, { i: 1 }, { i: 1 }] }],
  ["values of a map", { additionalProperties: { type: "object", properties: { a: { default: 1 } } } }, { k: {} }, { k: { a: 1 } }],
  ["what no other part speaks of", { properties: { a: {} }, unevaluatedProperties: { type: "object", properties: { u: { default: 1 } } } }, { a: {}, b: {} }, { a: {}, b: { u: 1 } }],
  ["alternatives by type", { properties: { a: { anyOf: [{ type: "null" }, { type: "object", properties: { x: { default: 1 } } }] } } }, { a: {} }, { a: { x: 1 } }],
  ["a tree that contains itself", { $ref: "#/$defs/node", $defs: { node: { type: "object", properties: { n: { default: 0 }, below: { $ref: "#/$defs/node" } } } } }, { below: { below: {} } }, { n: 0, below: { n: 0, below: { n: 0 } } }],
  ["no member of an absent object", { properties: { a: { type: "object", properties: { b: { default: 1 } } } } }, {}, {}],
]

test.each(cases)("defaults fill %s", (_what, schema, value, filled) => {
  expect(withDefaults({ type: "object", ...schema }, value)).toEqual(filled)
})

test("a default is copied, not shared", () => {
  const schema = { type: "object", properties: { a: { default: { list: [] } } } }
  const { a }: { a?: { list: string[] } } = withDefaults(schema, {}) as object
  a?.list.push("x")
  expect(withDefaults(schema, {})).toEqual({ a: { list: [] } })
})
