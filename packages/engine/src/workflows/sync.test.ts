import { Type } from "@veneer/sdk"
import type { Schema } from "@veneer/sdk/values"
import { expect, test } from "vitest"
import { withResync } from "./sync.ts"

const plain = (schema: object): Schema => JSON.parse(JSON.stringify(schema))

test("resync is told to a plugin whose snapshot parameters have it, however they declare it", () => {
  expect(withResync(plain(Type.Object({ resync: Type.Boolean() })), undefined, true)).toEqual({ resync: true })
  expect(withResync({ type: "object", $ref: "#/$defs/all", $defs: { all: { type: "object", properties: { resync: { type: "boolean" } } } } }, { level: 3 }, false)).toEqual({ level: 3, resync: false })
})

test("a plugin that does not ask for it is not given a field it would refuse", () => {
  expect(withResync(plain(Type.Object({}, { additionalProperties: false })), undefined, true)).toEqual({})
  expect(withResync(plain(Type.Object({ level: Type.Integer() })), { level: 3 }, true)).toEqual({ level: 3 })
})
