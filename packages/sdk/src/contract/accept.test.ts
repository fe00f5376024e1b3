import { reference, secret, Type } from "../index.ts"
import { Secret } from "../secret.ts"
import { Validator, type Schema } from "../values/index.ts"
import { expect, test } from "vitest"
import { acceptValue } from "./accept.ts"

const plain = (schema: object): Schema => JSON.parse(JSON.stringify(schema))

const schema = plain(
  Type.Object({
    name: Type.String({ default: "unnamed" }),
    method: Type.Union(
      [
        Type.Object({ type: Type.Literal("streaming"), password: secret(), slots: Type.Integer({ default: 2 }) }),
        Type.Object({ type: Type.Literal("backup"), directory: Type.String({ format: "unixpath" }), key: Type.Optional(Type.String()) }),
      ],
      { default: { type: "backup", directory: "/backup" } },
    ),
    users: Type.Optional(Type.Array(Type.Object({ name: Type.String(), password: Type.Union([secret(), Type.Null()]) }))),
    tokens: Type.Optional(Type.Record(Type.String(), secret())),
    hosts: Type.Optional(Type.Array(reference("environment"))),
  }),
)

const hosts: Record<string, string> = { "backup-1": "h1", h1: "h1" }

const accept = (value: unknown) =>
  acceptValue({ validator: new Validator(), schema, references: async ({ text }) => (hosts[text] === undefined ? { problem: "names no host" } : { id: hosts[text] }) }, value, "/parameters")

const faultsOf = async (value: unknown) => {
  try {
    return await accept(value).then(() => [])
  } catch (error) {
    return error instanceof Error && "faults" in error ? error.faults : error
  }
}

test("defaults fill what is absent, in a union those of the branch that is named", async () => {
  expect(await accept({})).toEqual({ name: "unnamed", method: { type: "backup", directory: "/backup" } })
  const { method } = await accept({ method: { type: "streaming", password: "x" } })
  expect(method).toMatchObject({ type: "streaming", slots: 2 })
})

test("password fields become secrets, in unions, lists and maps, and no other field does", async () => {
  const value = await accept({ name: "n", method: { type: "streaming", password: "hunter2" }, users: [{ name: "a", password: "b" }, { name: "c", password: null }], tokens: { x: "y" } })
  expect(value).toMatchObject({ method: { password: expect.any(Secret) }, users: [{ name: "a", password: expect.any(Secret) }, { name: "c", password: null }], tokens: { x: expect.any(Secret) } })
  expect(JSON.stringify(value)).not.toContain("hunter2")
  expect(await accept({ method: { type: "backup", directory: "/b", key: "k" } })).toMatchObject({ method: { key: "k" } })
})

test("values that hold secrets already are accepted again", async () => {
  expect(await accept(await accept({ method: { type: "streaming", password: "hunter2" } }))).toMatchObject({ method: { password: expect.any(Secret) } })
})

test("of a union only the branch that was meant is spoken of", async () => {
  expect(await faultsOf({ method: { type: "streaming" } })).toEqual([{ pointer: "/parameters/method/password", message: "is required" }])
  expect(await faultsOf({ method: { type: "backup", directory: "relative" } })).toEqual([{ pointer: "/parameters/method/directory", message: "must be an absolute path" }])
  expect(await faultsOf({ method: { type: "magic" } })).toEqual([{ pointer: "/parameters/method/type", message: 'must be one of "streaming", "backup"' }])
})

test("every wrong field is named at once, by its pointer", async () => {
  expect(await faultsOf({ name: 1, users: [{ name: "a" }] })).toEqual([
    { pointer: "/parameters/name", message: "must be string" },
    { pointer: "/parameters/users/0/password", message: "is required" },
  ])
})

test("references become ids, and those that mean nothing are named with all else that is wrong", async () => {
  expect(await accept({ hosts: ["backup-1", "h1"] })).toMatchObject({ hosts: ["h1", "h1"] })
  expect(await faultsOf({ name: 1, hosts: ["backup-1", "nowhere"] })).toEqual([{ pointer: "/parameters/name", message: "must be string" }, { pointer: "/parameters/hosts/1", message: "names no host" }])
})
