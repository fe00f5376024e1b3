import { array, assert, constantFrom, nat, property } from "fast-check"
import { expect, test } from "vitest"
import { checkPlugin } from "./check.ts"
import { canonicalId, compareIds, describeMigrations, migration, migrationOf } from "./migrate.ts"
import type { Static } from "./schema.ts"
import { Type } from "./schema.ts"
import { secret } from "./schema/secret.ts"

test.each([
  ["1", "1"], ["01", "1"], ["1.0", "1"], ["1.2", "1.2"], ["01.02.0", "1.2"], ["0.1", "0.1"], ["00.010.00", "0.10"], ["2024.11.3", "2024.11.3"],
  ["123456789012345678901234567890", "123456789012345678901234567890"],
  ["0", undefined], ["0.00", undefined], ["", undefined], [".1", undefined], ["1.", undefined], ["1..2", undefined], ["-1", undefined], ["+1", undefined],
  ["1e3", undefined], ["1,2", undefined], [" 1", undefined], ["1\n", undefined], ["v1", undefined], ["1.a", undefined], ["١", undefined], ["1".repeat(65), undefined],
])("the canonical form of %j is %j", (id, canonical) => expect(canonicalId(id)).toBe(canonical))

test.each([
  ["2", "10", -1], ["1.9", "1.10", -1], ["1", "1.0.1", -1], ["1.2", "01.02.0", 0], ["0.9", "1", -1], ["9007199254740993", "9007199254740992", 1],
  ["99999999999999999999", "100000000000000000000", -1], ["3", "2.9.9", 1],
])("%s against %s is %i", (a, b, sign) => {
  expect(Math.sign(compareIds(a, b))).toBe(sign)
  expect(Math.sign(compareIds(b, a))).toBe(sign === 0 ? 0 : -sign)
})

const ids = array(nat({ max: 30 }), { minLength: 1, maxLength: 4 }).filter((parts) => parts.some((part) => part > 0)).map((parts) => parts.join("."))

test("two ids are equal exactly when their canonical forms are, and canonical is canonical", () => {
  assert(property(ids, ids, constantFrom("", ".0", ".00.0"), (a, b, tail) => {
    expect(compareIds(a, b) === 0).toBe(canonicalId(a) === canonicalId(b))
    expect(canonicalId(`0${a}${tail}`)).toBe(canonicalId(a))
    expect(canonicalId(canonicalId(a) ?? "")).toBe(canonicalId(a))
  }))
})

test("order is total: sorting any shuffle gives the same", () => {
  assert(property(ids, ids, ids, (a, b, c) => {
    expect([c, a, b].sort(compareIds).map(canonicalId)).toEqual([a, b, c].sort(compareIds).map(canonicalId))
  }))
})

const virtualSource = Type.Object({ port: Type.Integer(), password: Type.Optional(secret()) })

const migrations = [
  migration("1.10", "virtualSource", (old: { port: string }): Static<typeof virtualSource> => ({ ...old, port: Number(old.port) })),
  migration("01.9.0", "snapshot", (old) => ({ ...old, taken: true })),
]

test("a manifest names them in their order, with canonical ids", () => {
  expect(describeMigrations(migrations)).toEqual([{ id: "1.9", kind: "snapshot" }, { id: "1.10", kind: "virtualSource" }])
  expect(describeMigrations()).toEqual([])
})

test("one is found by its number, however it is written, and called", () => {
  expect(migrationOf({ migrations }, "1.10")?.({ port: "6000" })).toEqual({ port: 6000 })
  expect(migrationOf({ migrations }, "1.9")?.({})).toEqual({ taken: true })
  expect(migrationOf({ migrations }, "2")).toBeUndefined()
  expect(migrationOf({}, "1")).toBeUndefined()
})

test("results are typed by their annotation; a promise and another kind don't compile", () => {
  // @ts-expect-error -- the port is a number now
  migration("1", "virtualSource", (old): Static<typeof virtualSource> => ({ port: String(old["port"]) }))
  // @ts-expect-error -- a migration waits for nothing
  migration("2", "snapshot", async (old) => old)
  // @ts-expect-error -- it returns an object
  migration("3", "snapshot", () => "text")
  // @ts-expect-error -- snapshot parameters are not stored
  migration("4", "snapshotParameters", (old) => old)
  expect(migration("5", "snapshot", (old) => old)).toMatchObject({ id: "5", kind: "snapshot" })
})

const named = Type.Object({ name: Type.String() }, { identityFields: ["name"], nameField: "name" })
const none = Type.Object({})
const sound = {
  id: "files", name: "Files", version: "1.0.0", buildNumber: "1", hostTypes: ["unix"], ingestion: "staged",
  schemas: { repository: named, sourceConfig: named, linkedSource: none, virtualSource: none, snapshot: none, snapshotParameters: none },
  discovery: { repositories: () => [], sourceConfigs: () => [] },
  linked: { mountSpecification: () => ({ mounts: [{}] }), postSnapshot: () => ({}) },
  virtual: { mountSpecification: () => ({ mounts: [{}] }), configure: () => ({ name: "x" }), reconfigure: () => ({ name: "x" }), postSnapshot: () => ({}) },
}
const migrate = (old: object) => old
const faults = (declared: unknown) => checkPlugin({ ...sound, migrations: declared }, { scripts: [] })

test.each<[what: string, declared: unknown, places: string[]]>([
  ["none", undefined, []],
  ["an empty list", [], []],
  ["one of each kind", ["repository", "sourceConfig", "linkedSource", "virtualSource", "snapshot"].map((kind, index) => ({ id: String(index + 1), kind, migrate })), []],
  ["in any order", [{ id: "2", kind: "snapshot", migrate }, { id: "1", kind: "snapshot", migrate }], []],
  ["no list", { id: "1" }, ["/migrations"]],
  ["a list of something else", [null, "x", []], ["/migrations/0", "/migrations/1", "/migrations/2"]],
  ["nothing in one", [{}], ["/migrations/0/id", "/migrations/0/kind", "/migrations/0/migrate"]],
  ["an id of zero", [{ id: "0.0", kind: "snapshot", migrate }], ["/migrations/0/id"]],
  ["an id that is a number", [{ id: 1, kind: "snapshot", migrate }], ["/migrations/0/id"]],
  ["an id with letters", [{ id: "1.x", kind: "snapshot", migrate }], ["/migrations/0/id"]],
  ["the same id twice", [{ id: "1", kind: "snapshot", migrate }, { id: "1", kind: "snapshot", migrate }], ["/migrations/1/id"]],
  ["the same id in two forms, of two kinds", [{ id: "1.2", kind: "snapshot", migrate }, { id: "01.02.0", kind: "repository", migrate }], ["/migrations/1/id"]],
  ["a kind there isn't", [{ id: "1", kind: "vdb", migrate }], ["/migrations/0/kind"]],
  ["snapshot parameters", [{ id: "1", kind: "snapshotParameters", migrate }], ["/migrations/0/kind"]],
  ["no function", [{ id: "1", kind: "snapshot", migrate: "old" }], ["/migrations/0/migrate"]],
  ["an async function", [{ id: "1", kind: "snapshot", migrate: async () => ({}) }], ["/migrations/0/migrate"]],
  ["a generator", [{ id: "1", kind: "snapshot", *migrate() {} }], ["/migrations/0/migrate"]],
])("migrations are checked: %s", (_what, declared, places) => {
  expect(faults(declared).map(({ place }) => place)).toEqual(places)
  for (const { message, mend } of faults(declared)) expect([message, mend]).not.toContain("")
})

test("a collision names the other", () => {
  expect(faults([{ id: "1.2", kind: "snapshot", migrate }, { id: "01.02.0", kind: "repository", migrate }])[0]?.message).toBe(`The id "01.02.0" is that of the migration at /migrations/0: both are 1.2.`)
})
