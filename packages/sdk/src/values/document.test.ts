import { expect, test } from "vitest"
import { documentOf } from "./document.ts"
import type { Schema } from "./schema.ts"
import { placesIn } from "./walk.ts"

const text = { type: "string" }
const number = { type: "integer" }

const references: [what: string, root: Schema, at: (root: Schema) => unknown, found: unknown][] = [
  ["a pointer", { properties: { a: { $ref: "#/$defs/x" } }, $defs: { x: text } }, (root) => root, text],
  ["a pointer with escapes", { properties: { a: { $ref: "#/$defs/a~1b~0c%20%25" } }, $defs: { "a/b~c %": text } }, (root) => root, text],
  ["an anchor", { properties: { a: { $ref: "#here" } }, $defs: { x: { $anchor: "here", ...text } } }, (root) => root, { $anchor: "here", ...text }],
  ["a name of its own", { properties: { a: { $ref: "item" } }, $defs: { x: { $id: "item", ...number } } }, (root) => root, { $id: "item", ...number }],
  ["a name below the outermost one's", { $id: "https://example.com/all", properties: { a: { $ref: "/item" } }, $defs: { x: { $id: "item", ...number } } }, (root) => root, { $id: "item", ...number }],
  ["an anchor of another name", { properties: { a: { $ref: "item#deep" } }, $defs: { x: { $id: "item", $defs: { y: { $anchor: "deep", ...text } } } } }, (root) => root, { $anchor: "deep", ...text }],
  ["nothing", { properties: { a: { $ref: "#/$defs/none" } } }, (root) => root, undefined],
  ["no URL", { properties: { a: { $ref: "http://[" } } }, (root) => root, undefined],
]

test.each(references)("a reference by %s is resolved", (_what, root, _at, found) => {
  const { schema } = [...placesIn(root)].find(({ pointer }) => pointer === "/properties/a") ?? {}
  expect(documentOf(root).referred(schema ?? {})).toEqual(found)
})

test("a dynamic reference is meant for the outermost schema with its anchor, else for its own", () => {
  const below = { $dynamicRef: "#node" }
  const tree = { $dynamicAnchor: "node", type: "object", properties: { below } }
  expect(documentOf(tree).referred(below)).toBe(tree)
  const inner = { $id: "inner", $dynamicAnchor: "node", properties: { below: { $dynamicRef: "#node" } } }
  const outer = { type: "object", $defs: { inner } }
  expect(documentOf(outer).referred(inner.properties.below)).toBe(inner)
})

test("every schema in a schema is visited once with its pointer, whatever keyword it stands under", () => {
  const root = {
    properties: { "a/b": text }, patternProperties: { "^x": text }, additionalProperties: text, propertyNames: text, unevaluatedProperties: text, dependentSchemas: { a: text },
    items: text, prefixItems: [text], contains: text, unevaluatedItems: text, allOf: [text], anyOf: [text], oneOf: [text], not: text, if: text, then: text, else: text, $defs: { d: text },
    enum: [text], default: text, const: text, required: ["a"],
  }
  const pointers = [...placesIn(root)].map(({ pointer }) => pointer)
  expect(pointers).toHaveLength(19)
  expect(pointers).toContain("/properties/a~1b")
  expect(new Set(pointers).size).toBe(19)
})

test.each(["a/b", "a~b", "a%b", "#", "ü 漢", "%25", "__proto__", "constructor", "a\"b", "\\"])("a value is held against the part of a property called %j", (name) => {
  const part = { type: "integer", maximum: 5 }
  const root = { type: "object", properties: Object.fromEntries([[name, { anyOf: [part, text] }]]) }
  const document = documentOf(root)
  expect([document.accepts(part, 3), document.accepts(part, 7), document.accepts(part, "x"), document.accepts(false, 1), document.accepts(true, 1)]).toEqual([true, false, false, false, true])
})
