import { expect, test } from "vitest"
import { reference, secret, Type } from "../index.ts"
import { Secret } from "../secret.ts"
import { Validator, type Schema } from "../values/index.ts"
import { acceptStored } from "./stored.ts"

const schema: Schema = JSON.parse(JSON.stringify(Type.Object(
  { port: Type.Integer(), verify: Type.Optional(Type.Boolean({ default: true })), password: Type.Optional(secret({ minLength: 4 })) },
  { additionalProperties: false },
)))
const hosts: Record<string, string> = { db: "3k9x", "3k9x": "3k9x" }
const accept = (kind: Parameters<typeof acceptStored>[1], value: unknown, against = schema) =>
  acceptStored({ validator: new Validator(), schema: against, references: async ({ text }) => (hosts[text] === undefined ? { problem: "names no host" } : { id: hosts[text] }) }, kind, value)

test("what people gave gets the schema's defaults; what the plugin said stays as it is", async () => {
  expect(await accept("virtualSource", { port: 1 })).toEqual({ value: { port: 1, verify: true } })
  expect(await accept("linkedSource", { port: 1, verify: false })).toEqual({ value: { port: 1, verify: false } })
  for (const kind of ["repository", "sourceConfig", "snapshot"] as const) expect(await accept(kind, { port: 1 })).toEqual({ value: { port: 1 } })
})

test("what people gave refers to what exists, by its id", async () => {
  const referring: Schema = JSON.parse(JSON.stringify(Type.Object({ host: reference("environment") })))
  expect(await accept("virtualSource", { host: "db" }, referring)).toEqual({ value: { host: "3k9x" } })
  expect(await accept("virtualSource", { host: "gone" }, referring)).toEqual({ faults: [{ pointer: "/host", message: `names no host; it is "gone"` }] })
})

test("secrets stay secrets, and a text that the schema calls a password becomes one", async () => {
  for (const password of [new Secret("hunter2"), "hunter2"]) {
    const { value } = await accept("snapshot", { port: 1, password })
    const kept = value?.["password"]
    expect(kept instanceof Secret && kept.reveal()).toBe("hunter2")
  }
})

test("every fault says where, what the rule is and what is there", async () => {
  expect(await accept("snapshot", { port: "6000", old: 1 })).toEqual({ faults: [
    { pointer: "/old", message: expect.stringContaining("not a known field; it is 1") },
    { pointer: "/port", message: `must be integer; it is "6000"` },
  ] })
  expect(await accept("snapshot", {})).toEqual({ faults: [{ pointer: "/port", message: "is required" }] })
  for (const value of [[], "text", null, 3, new Secret("x")]) expect((await accept("snapshot", value)).faults?.[0], JSON.stringify(value)).toMatchObject({ pointer: "" })
})

test("no fault shows a secret, one that leaks into another field neither", async () => {
  const values = [{ port: new Secret("hunter2") }, { port: 1, password: new Secret("hun") }, { port: "hunter2", password: new Secret("hunter2") }]
  const faults = await Promise.all(values.map(async (value) => (await accept("snapshot", value)).faults ?? []))
  expect(faults.flat()).toHaveLength(4)
  expect(JSON.stringify(faults)).not.toMatch(/hun/)
})
