import { expect, test } from "vitest"
import { Secret } from "../secret.ts"
import type { Schema } from "./schema.ts"
import { concealed, leaks, revealed } from "./secrets.ts"

const password = { type: "string", format: "password" }
const text = { type: "string" }
const branch = (type: string, value: object) => ({ type: "object", properties: { type: { const: type }, value }, required: ["type", "value"] })
const how = { oneOf: [branch("open", text), branch("closed", password)] }
const isOpen = { properties: { open: { const: true } }, required: ["open"] }

const cases: [what: string, schema: Schema, value: unknown, secrets: string[]][] = [
  ["in properties", { properties: { p: password, q: text } }, { p: "1", q: "2" }, ["/p"]],
  ["behind references", { properties: { p: { $ref: "#/$defs/p" } }, $defs: { p: password } }, { p: "1" }, ["/p"]],
  ["behind a named schema", { properties: { p: { $ref: "pass" } }, $defs: { p: { $id: "pass", ...password } } }, { p: "1" }, ["/p"]],
  ["in the branch of a union that the value fits", { properties: { how } }, { how: { type: "closed", value: "1" } }, ["/how/value"]],
  ["not by another branch", { properties: { how } }, { how: { type: "open", value: "1" } }, []],
  ["in any branch where the value fits none", { properties: { how } }, { how: { value: "1" } }, ["/how/value"]],
  ["in lists", { properties: { l: { type: "array", items: password } } }, { l: ["1", "2"] }, ["/l/0", "/l/1"]],
  ["in tuples", { properties: { l: { type: "array", prefixItems: [text, password] } } }, { l: ["1", "2", "3"] }, ["/l/1"]],
  ["in maps", { properties: { m: { type: "object", additionalProperties: password } } }, { m: { a: "1", b: "2" } }, ["/m/a", "/m/b"]],
  ["by a pattern of names", { patternProperties: { "^secret": password } }, { secretKey: "1", key: "2" }, ["/secretKey"]],
  ["in what nothing else speaks of", { properties: { a: text }, unevaluatedProperties: password }, { a: "1", b: "2" }, ["/b"]],
  ["where then says so", { properties: { open: {}, v: text }, if: isOpen, else: { properties: { v: password } } }, { open: true, v: "1" }, []],
  ["where else says so", { properties: { open: {}, v: text }, if: isOpen, else: { properties: { v: password } } }, { open: false, v: "1" }, ["/v"]],
  ["in what depends on another property", { dependentSchemas: { a: { properties: { v: password } } } }, { a: 1, v: "1" }, ["/v"]],
  ["that may also be null", { properties: { a: { anyOf: [password, { type: "null" }] }, b: { anyOf: [password, { type: "null" }] } } }, { a: "1", b: null }, ["/a"]],
  ["in a tree that contains itself", { $ref: "#/$defs/node", $defs: { node: { type: "object", properties: { p: password, below: { $ref: "#/$defs/node" } } } } }, { p: "1", below: { p: "2" } }, ["/p", "/below/p"]],
]

/** Pointers of all secrets in a value. */
function secretsIn(value: unknown, pointer = ""): string[] {
  if (value instanceof Secret) return [pointer]
  return typeof value === "object" && value !== null ? Object.entries(value).flatMap(([key, item]) => secretsIn(item, `${pointer}/${key}`)) : []
}

test.each(cases)("secrets are found %s", (_what, schema, value, secrets) => {
  const safe = concealed({ type: "object", ...schema }, value)
  expect(secretsIn(safe)).toEqual(secrets)
  expect(revealed(safe)).toEqual(value)
})

test("a secret where none is declared is a leak, with its place", () => {
  const value = { p: new Secret("1"), list: [{ note: new Secret("2") }] }
  expect(leaks(value, concealed({ type: "object", properties: { p: password } }, revealed(value))).map(({ pointer }) => pointer)).toEqual(["/list/0/note"])
})
