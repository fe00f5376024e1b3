import { array, assert, boolean, double, maxSafeInteger, property, string } from "fast-check"
import { describe, expect, it } from "vitest"
import type { Schema } from "@veneer/sdk/values"
import { assign, Raw, split, type Tree } from "./parse.ts"
import { typed } from "./typed.ts"

const name = string({ minLength: 1, unit: "grapheme" }).filter((text) => !text.includes("=") && text !== "__proto__")
const escaped = (part: string) => part.replaceAll(/[\\.]/g, "\\$&")
const alternative = (type: string, size: Schema): Schema => ({ type: "object", properties: { type: { type: "string", const: type }, size } })
const parse = (schema: Schema, ...assignments: string[]) => {
  const tree: Tree = {}
  for (const assignment of assignments) {
    const { path, text } = split(assignment)
    assign(tree, path, new Raw(text))
  }
  return typed(schema, tree)
}

describe("--param", () => {
  it("comes back apart as it was put together, whatever is in names and value", () => {
    assert(property(array(name, { minLength: 1, maxLength: 4 }), string(), (path, text) => {
      expect(split(`${path.map(escaped).join(".")}=${text}`)).toEqual({ path, text })
    }), { numRuns: 1000, examples: [[[".", " "], ""], [["\\"], "="]] })
  })

  it("keeps every text where no schema says otherwise", () => {
    assert(property(string(), (text) => {
      expect(parse({}, `a.b=${text}`)).toEqual({ a: { b: text } })
      expect(parse({ properties: { a: { type: "object", properties: { b: { type: "string" } } } } }, `a.b=${text}`)).toEqual({ a: { b: text } })
    }))
  })

  it("gives integers, numbers, booleans and JSON the type the schema asks for", () => {
    const schema: Schema = { properties: { i: { type: "integer" }, n: { type: "number" }, b: { type: "boolean" }, o: { type: "object" }, l: { type: "array" } } }
    assert(property(maxSafeInteger(), double({ noNaN: true, noDefaultInfinity: true }), boolean(), (i, n, b) => {
      expect(parse(schema, `i=${i}`, `n=${n}`, `b=${b}`)).toEqual({ i: i === 0 ? 0 : i, n: Object.is(n, -0) ? 0 : n, b })
    }))
    expect(parse(schema, 'o={"a":1}', "l=[1,2]")).toEqual({ o: { a: 1 }, l: [1, 2] })
    expect(() => parse(schema, "o={oops")).toThrow("no JSON")
  })

  it("leaves what doesn't fit as text, for the engine to judge", () => {
    expect(parse({ properties: { port: { type: "integer" } } }, "port=many", "other=1")).toEqual({ port: "many", other: "1" })
  })

  it("takes the alternative that the constants given choose", () => {
    const schema: Schema = { properties: { method: { anyOf: [alternative("words", { type: "string" }), alternative("numbers", { type: "integer" })] } } }
    expect(parse(schema, "method.type=words", "method.size=1")).toEqual({ method: { type: "words", size: "1" } })
    expect(parse(schema, "method.type=numbers", "method.size=1")).toEqual({ method: { type: "numbers", size: 1 } })
  })

  it("leads through references, conditions and lists", () => {
    const schema: Schema = {
      $ref: "#/$defs/all", properties: { mode: { enum: ["fast", 2] } }, if: { properties: { mode: { const: 2 } }, required: ["mode"] }, then: { properties: { size: { type: "integer" } } }, else: { properties: { size: { type: "string" } } },
      $defs: { all: { properties: { ports: { type: "array", items: { type: "object", properties: { port: { $ref: "port" } } } }, tags: { type: "array", items: { type: "boolean" } } } }, port: { $id: "port", type: "integer" } },
    }
    expect(parse(schema, "ports.0.port=1", "ports.1.port=2", "tags.0=true")).toEqual({ ports: [{ port: 1 }, { port: 2 }], tags: [true] })
    expect(parse(schema, "mode=2", "size=3")).toEqual({ mode: 2, size: 3 })
    expect(parse(schema, "mode=fast", "size=3")).toEqual({ mode: "fast", size: "3" })
    expect(parse(schema, "ports.1.port=2")).toEqual({ ports: { 1: { port: "2" } } })
  })

  it("refuses what sets nothing or two things at one place", () => {
    for (const wrong of ["a", "=1", ".a=1", "a.=1", "a..b=1", "__proto__.x=1"]) expect(() => split(wrong)).toThrow("--param")
    expect(() => parse({}, "a=1", "a.b=2")).toThrow("a value of its own")
    expect(() => parse({}, "a.b=2", "a=1")).toThrow("below it")
  })
})
