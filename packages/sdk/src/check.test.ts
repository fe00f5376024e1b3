import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { checkPlugin, definePlugin, secret, Secret, Type, UserError } from "./index.ts"
import { inspectPlugin } from "./check.ts"
import { SDK_VERSION } from "./version.ts"

const none = Type.Object({})

const sound = definePlugin({
  id: "files", name: "Files", version: "1.0.0", buildNumber: "1.2", hostTypes: ["unix"], ingestion: "staged",
  schemas: {
    repository: Type.Object({ path: Type.String() }, { identityFields: ["path"], nameField: "path" }),
    sourceConfig: Type.Object(
      { name: Type.String(), port: Type.Integer(), password: Type.Optional(secret()) },
      { identityFields: ["name", "port"], nameField: "name", access: { url: "x://{name}:{port}", command: ["client", "{name}"], environment: { PASSWORD: "{password}" } } },
    ),
    linkedSource: Type.Object({ method: Type.Union([Type.Object({ type: Type.Literal("a") }), Type.Object({ type: Type.Literal("b"), path: Type.String({ format: "unixpath" }) })]) }),
    virtualSource: none, snapshot: none, snapshotParameters: none,
  },
  discovery: { repositories: () => [], sourceConfigs: () => [] },
  linked: { mountSpecification: () => ({ mounts: [{}] }), postSnapshot: () => ({}) },
  virtual: { mountSpecification: () => ({ mounts: [{}] }), configure: () => ({ name: "x", port: 1 }), reconfigure: () => ({ name: "x", port: 1 }), postSnapshot: () => ({}) },
})

const places = (plugin: unknown, scripts: string[] = []) => checkPlugin(plugin, { scripts }).map(({ place }) => place)

/** The faults of the sound plugin with one schema changed. */
const change = (name: keyof typeof sound.schemas, schema: unknown) => places({ ...sound, schemas: { ...sound.schemas, [name]: schema } })

test("a sound plugin has no fault, and is described as JSON", () => {
  expect(checkPlugin(sound, { scripts: ["a.sh", "deep/b-1.sh"] })).toEqual([])
  const { description } = inspectPlugin(sound, { scripts: [] })
  expect(JSON.parse(JSON.stringify(description))).toEqual(description)
  expect(description).toMatchObject({
    id: "files", manualSourceConfigs: true,
    operations: ["discovery.repositories", "discovery.sourceConfigs", "linked.mountSpecification", "linked.postSnapshot", "virtual.mountSpecification", "virtual.configure", "virtual.reconfigure", "virtual.postSnapshot"],
  })
})

test("all faults come at once, each with its place and how to mend it", () => {
  const faults = checkPlugin({ id: "Bad Id", version: "1", buildNumber: "0.0", linked: {}, ingestion: "both" }, { scripts: ["lib.sh", "a b.sh"] })
  expect(faults.map(({ place }) => place)).toEqual(expect.arrayContaining(["/id", "/name", "/version", "/buildNumber", "/hostTypes", "/ingestion", "/schemas", "/discovery", "/virtual", "/linked/postSnapshot", "scripts/lib.sh", "scripts/a b.sh"]))
  for (const { message, mend } of faults) expect([message, mend]).not.toContain("")
})

test("what is no plugin at all is one fault", () => {
  for (const wrong of [undefined, null, 3, "x", []]) expect(places(wrong)).toEqual([""])
})

test("operations that are missing, unknown, no functions or of the other ingestion are named", () => {
  const { mountSpecification: _left, ...linked } = sound.linked
  expect(places({ ...sound, linked })).toEqual(["/linked/mountSpecification"])
  expect(places({ ...sound, ingestion: "direct" })).toEqual(["/linked/mountSpecification"])
  expect(places({ ...sound, ingestion: "direct", linked })).toEqual([])
  expect(places({ ...sound, virtual: { ...sound.virtual, destroy() {}, start: "yes" } })).toEqual(["/virtual/destroy", "/virtual/start"])
})

test("a worker's interval is whole seconds within limits, needs a worker, and has a value where none is given", () => {
  const worker = () => {}
  const withWorker = (more: object) => ({ ...sound, linked: { ...sound.linked, worker, ...more } })
  expect(inspectPlugin(withWorker({}), { scripts: [] }).description?.workerIntervalSeconds).toBe(300)
  expect(inspectPlugin(withWorker({ workerIntervalSeconds: 10 }), { scripts: [] }).description?.workerIntervalSeconds).toBe(10)
  for (const workerIntervalSeconds of [9, 86_401, 10.5, "60", Number.NaN]) expect(places(withWorker({ workerIntervalSeconds }))).toEqual(["/linked/workerIntervalSeconds"])
  expect(places({ ...sound, linked: { ...sound.linked, workerIntervalSeconds: 60 } })).toEqual(["/linked/workerIntervalSeconds"])
  expect(inspectPlugin(sound, { scripts: [] }).description).not.toHaveProperty("workerIntervalSeconds")
})

test("schemas are held against the standard, strictly, and their keywords against their properties", () => {
  expect(change("snapshot", undefined)).toEqual(["/schemas/snapshot"])
  expect(change("snapshot", Type.String())).toEqual(["/schemas/snapshot"])
  expect(change("snapshot", { type: "object", properties: { a: { type: "strnig" } } })).toEqual(["/schemas/snapshot/properties/a/type"])
  expect(change("repository", none)).toEqual(["/schemas/repository/identityFields", "/schemas/repository/nameField"])
})

test("the SDK's version is its package's", () => {
  const { version }: { version: string } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
  expect(SDK_VERSION).toBe(version)
})

test("secrets and errors are recognised across copies of the SDK, and subclasses by their prototype", () => {
  class PortTaken extends UserError {}
  const error = new UserError("a", { code: "b", action: "c" })
  expect(Object.assign(new Error("a"), { name: "UserError" }) instanceof UserError).toBe(true)
  expect([error instanceof PortTaken, new PortTaken("a", error) instanceof UserError, new PortTaken("a", error) instanceof PortTaken]).toEqual([false, true, true])
  expect([{ [Symbol.for("veneer.secret")]: true } instanceof Secret, {} instanceof Secret]).toEqual([true, false])
})
