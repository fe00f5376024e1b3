import { chmod, mkdir, readdir, rm, writeFile } from "node:fs/promises"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { Secret } from "@veneer/sdk"
import { sql } from "kysely"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { claimJob, insertJob, moveJob, type JobSubject } from "../packages/engine/src/catalog/jobs.ts"
import { inTransaction, type Catalog } from "../packages/engine/src/catalog/catalog.ts"
import { findDsource } from "../packages/engine/src/catalog/dsources.ts"
import { listPlugins } from "../packages/engine/src/catalog/plugins.ts"
import { findSnapshot } from "../packages/engine/src/catalog/snapshots.ts"
import { listRepositories, listSourceConfigs } from "../packages/engine/src/catalog/sources.ts"
import { findVdb } from "../packages/engine/src/catalog/vdbs.ts"
import { createHosts } from "../packages/engine/src/environments/hosts.ts"
import type { EngineError } from "../packages/engine/src/errors.ts"
import type { JobMoment } from "../packages/engine/src/jobs/job.ts"
import { confine } from "../packages/engine/src/plugins/confinement.ts"
import { createPlugins } from "../packages/engine/src/plugins/plugins.ts"
import type { Plugins } from "../packages/engine/src/plugins/port.ts"
import { acceptParameters, holdAccepted } from "../packages/engine/src/workflows/accept.ts"
import type { Engine } from "../packages/engine/src/workflows/engine.ts"
import { addSource } from "../packages/engine/src/workflows/sources.ts"
import { referencesOf } from "../packages/engine/src/workflows/references.ts"
import { Uploads, type UploadOptions } from "../packages/engine/src/workflows/upload.ts"
import { startTestCatalog, type TestCatalog } from "../packages/engine/test/catalog.ts"
import { growing, type Edition } from "./support/growing.ts"
import { createSandbox, type Sandbox } from "./support/sandbox.ts"
import { dump, empty, PLANTED, stock, STOCK } from "./support/stocked.ts"
import { runProgram } from "../packages/engine/src/system/program.ts"

let sandbox: Sandbox
let database: TestCatalog
let first: Buffer

beforeAll(async () => {
  sandbox = await createSandbox("upgrade")
  database = await startTestCatalog()
  sandbox.defer(() => database.close())
  first = await growing(sandbox, { build: "1" })
})
afterAll(() => sandbox.clear())

let plugins: Plugins
let engine: Engine
let storeDir = ""
let rounds = 0
/** What is done at a moment of an upload. */
let at: (moment: JobMoment) => void = () => undefined

beforeEach(async () => {
  at = () => undefined
  const dataDir = join(sandbox.path, `data${rounds++}`)
  storeDir = join(dataDir, "store")
  await mkdir(storeDir, { recursive: true })
  await chmod(dataDir, 0o755)
  const hosts = createHosts({ dataDir, engineId: "test-upgrade", artifactsDir: storeDir })
  plugins = createPlugins({ storeDir, engineId: "test-upgrade", confinement: await confine({ engineId: "test-upgrade", run: runProgram }), hosts, ports: async () => 1, references: referencesOf(database.catalog), patience: { deadlineMs: 1_500 } })
  const { catalog } = database
  engine = { catalog, plugins, hosts, mountRoot: "/", slot: () => undefined } as unknown as Engine
  await empty(catalog)
})
afterEach(() => plugins.close())

/** An engine that claims jobs. */
const CLAIM = { engineId: "e", leaseMs: 30_000 }

const uploads = (allowRebuild = false) => new Uploads(engine, { allowRebuild, observe: (moment) => at(moment), report: (thrown) => { throw thrown } })
const upload = (packed: Buffer, options: UploadOptions = {}) => uploads().upload(packed, options)
const build = async (edition: Edition) => growing(sandbox, edition)

/** An engine with the first build and something stored for it. */
async function stocked(content = STOCK): Promise<void> {
  await upload(first, {})
  await stock(database.catalog, "growing", content)
}

const inStore = async () => (await readdir(storeDir)).filter((name) => name !== "package.json")
const inForce = async () => (await listPlugins(database.catalog)).map(({ manifest }) => manifest.buildNumber)
const artifacts = async () => (await listPlugins(database.catalog)).map(({ artifact }) => artifact)
/** Which build serves calls. */
const serving = async (name = ""): Promise<string[]> => {
  const lines: string[] = []
  await plugins.call("growing", "linked.preSnapshot", { source: { id: "d1", name, parameters: {} } }, {
    environment: { id: "1", name: "here", kind: "local" }, reason: "sync", key: "k", owner: undefined, signal: new AbortController().signal, log: (line) => void lines.push(line), progress: () => undefined,
  })
  return lines
}
const refusal = async (asked: Promise<unknown>): Promise<EngineError> => asked.then(() => { throw new Error("it was not refused") }, (thrown: EngineError) => thrown)
/** A promise that is kept when told. */
const signal = () => {
  let resolve = () => undefined as void
  const promise = new Promise<void>((settle) => { resolve = settle })
  return { promise, resolve: () => resolve() }
}
const text = (value: unknown) => (value instanceof Secret ? value.reveal() : value)

/** The second build: ports are numbers, what is found has another identity, and more. */
const SECOND: Edition = {
  build: "2",
  schemas: {
    repository: `Type.Object({ path: Type.String(), label: Type.String() }, { identityFields: ["label"], nameField: "label" })`,
    sourceConfig: `Type.Object({ name: Type.String(), port: Type.Integer(), password: Type.Optional(secret()) }, { identityFields: ["name", "port"], nameField: "name" })`,
    linkedSource: `Type.Object({ host: Type.String(), password: secret(), retries: Type.Integer({ default: 3 }) })`,
    virtualSource: `Type.Object({ port: Type.Integer(), secret: Type.Optional(secret()), verify: Type.Optional(Type.Boolean({ default: true })) })`,
    snapshot: `Type.Object({ taken: Type.String(), token: Type.Optional(secret()), order: Type.String(), note: Type.Optional(Type.String({ default: "none" })) })`,
  },
  migrations: [
    `migration("1.10", "snapshot", (old: { order: string }) => ({ ...old, order: old.order + " 1.10" }))`,
    `migration("1.9", "snapshot", (old) => ({ ...old, order: "1.9" }))`,
    `migration("2", "repository", (old) => ({ ...old, label: "at " + String(old["path"]) }))`,
    `migration("3", "sourceConfig", (old: { port: string }) => ({ ...old, port: Number(old.port) }))`,
    `migration("4", "linkedSource", ({ address, ...old }: { address: string }) => ({ ...old, host: address }))`,
    `migration("5", "virtualSource", (old: { port: string; password?: Secret }) => ({ port: Number(old.port), ...(old.password && { secret: old.password }) }))`,
  ],
}

test("a plugin is installed; the same artifact again changes nothing", async () => {
  expect(await upload(first)).toMatchObject({ outcome: "installed", migrations: [], findings: [] })
  const before = await dump(database.catalog)
  expect(await upload(first)).toMatchObject({ outcome: "unchanged", from: { buildNumber: "1" } })
  expect(await upload(first, { upgrade: true, dryRun: true })).toMatchObject({ outcome: "unchanged" })
  expect(await dump(database.catalog)).toBe(before)
  expect(await inStore()).toEqual(await artifacts())
  expect(await refusal(upload(await build({ id: "other", build: "1" }), { upgrade: true }))).toMatchObject({ code: "not_found" })
  expect(await inStore()).toEqual(await artifacts())
})

test("an upgrade migrates everything that is stored, in numeric order, and puts the new build in force", async () => {
  await stocked()
  const { catalog } = database
  const [former] = await artifacts()
  const [repository] = await listRepositories(catalog, {})
  const done = await upload(await build(SECOND), { upgrade: true })
  expect(done).toMatchObject({ outcome: "upgraded", from: { version: "1.0.0", buildNumber: "1" }, findings: [], omitted: 0 })
  expect(done.migrations.map(({ id }) => id)).toEqual(["1.9", "1.10", "2", "3", "4", "5"])
  expect(done.objects).toEqual([
    { kind: "repository", count: 1, changed: 1, untried: 0 }, { kind: "sourceConfig", count: 2, changed: 2, untried: 0 }, { kind: "linkedSource", count: 1, changed: 1, untried: 0 },
    { kind: "virtualSource", count: 2, changed: 2, untried: 0 }, { kind: "snapshot", count: 2, changed: 2, untried: 0 },
  ])
  const [moved] = await listRepositories(catalog, {})
  expect(moved).toMatchObject({ id: repository?.id, name: "at /usr/bin/4", definition: { path: "/usr/bin/4", label: "at /usr/bin/4" } })
  const [source] = await listSourceConfigs(catalog, {})
  expect(source).toMatchObject({ name: "main", definition: { name: "main", port: 5432 } })
  const dsource = await findDsource(catalog, "sales")
  expect(dsource?.parameters).toMatchObject({ host: "db", retries: 3 })
  const vdb = await findVdb(catalog, "dev")
  expect(vdb).toMatchObject({ parameters: { port: 6000, verify: true }, sourceConfig: { name: "main", port: 6000 } })
  expect((await findVdb(catalog, "qa"))?.parameters).toEqual({ port: 6001, verify: true })
  const snapshot = await findSnapshot(catalog, "s00")
  expect(snapshot?.metadata).toEqual({ taken: "first", token: expect.any(Secret), order: "1.9 1.10" })
  const secrets = [source?.definition["password"], dsource?.parameters["password"], vdb?.parameters["secret"], vdb?.sourceConfig?.["password"], snapshot?.metadata["token"]]
  expect(secrets.map(text)).toEqual(secrets.map(() => PLANTED))
  expect(await dump(catalog)).not.toContain(PLANTED)
  expect(await inStore()).toEqual(await artifacts())
  expect(await inStore()).not.toContain(former)
  expect(await serving()).toEqual(["2"])
})

test("what is found again after an upgrade keeps its id", async () => {
  await stocked()
  const identities = async () => (await database.db.selectFrom("source_configs").select(["id", "identity"]).execute())
  const [before] = await identities()
  await upload(await build(SECOND))
  expect(await identities()).toEqual([{ id: before?.id, identity: `["main",5432]` }])
})

test("identities may change places", async () => {
  await stocked({ ...STOCK, repositories: [{ path: "a" }, { path: "b" }] })
  const names = async () => Object.fromEntries((await listRepositories(database.catalog, {})).map(({ id, name }) => [id, name]))
  const before = await names()
  await upload(await build({ build: "2", migrations: [`migration("1", "repository", (old) => ({ path: old["path"] === "a" ? "b" : "a" }))`] }))
  expect(await names()).toEqual(Object.fromEntries(Object.entries(before).map(([id, name]) => [id, name === "a" ? "b" : "a"])))
})

test("a migration that the installed build had doesn't run again, and a late one with a low id does", async () => {
  await stocked()
  const add = (id: string) => `migration("${id}", "snapshot", (old) => ({ ...old, taken: String(old["taken"]) + " ${id}" }))`
  await upload(await build({ build: "2", migrations: [add("3")] }))
  const { migrations } = await upload(await build({ build: "2.1", migrations: [add("2"), add("03.0"), add("4")] }))
  expect(migrations.map(({ id }) => id)).toEqual(["2", "4"])
  expect((await findSnapshot(database.catalog, "s01"))?.metadata).toEqual({ taken: "second 3 2 4" })
})

describe("a dry run", () => {
  test("changes nothing, and says what would happen", async () => {
    await stocked()
    const before = await dump(database.catalog)
    expect(await upload(await build(SECOND), { dryRun: true })).toMatchObject({ outcome: "upgraded", findings: [], objects: expect.arrayContaining([{ kind: "snapshot", count: 2, changed: 2, untried: 0 }]) })
    expect(await upload(await build({ id: "other", build: "1" }), { dryRun: true })).toMatchObject({ outcome: "installed" })
    expect(await dump(database.catalog)).toBe(before)
    expect(await inStore()).toEqual(await artifacts())
    expect(await serving()).toEqual(["1"])
  })

  test("tells all at once which object would break which rule, without a secret", async () => {
    await stocked()
    const { findings } = await upload(await build({
      build: "1", ingestion: "direct",
      schemas: {
        repository: `Type.Object({ path: Type.String({ maxLength: 3 }) }, { identityFields: ["path"], nameField: "path" })`,
        sourceConfig: `Type.Object({ name: Type.String(), port: Type.Integer(), password: Type.Optional(secret()) }, { identityFields: ["name"], nameField: "name" })`,
        linkedSource: `Type.Object({ address: Type.String(), password: Type.String() })`,
        virtualSource: `Type.Object({ port: Type.String({ pattern: "^7" }), password: secret() })`,
        snapshot: `Type.Object({ taken: Type.String(), by: Type.String() })`,
      },
      migrations: [`migration("1", "snapshot", (old: { token?: Secret }) => { if (old.token) throw new Error("bad token " + old.token.reveal()); return old })`],
    }), { dryRun: true })
    const [repository] = await listRepositories(database.catalog, {})
    const [source] = await listSourceConfigs(database.catalog, {})
    const main = { kind: "source-config", id: source?.id, name: "main" }
    const [sales, dev, qa] = [{ kind: "dsource", id: "d1", name: "sales" }, { kind: "vdb", id: "v-dev", name: "dev" }, { kind: "vdb", id: "v-qa", name: "qa" }]
    expect(findings).toEqual([
      { pointer: "/buildNumber", message: expect.stringContaining("Another artifact is installed with the build number 1.") },
      { object: { kind: "repository", id: repository?.id, name: "/usr/bin/4" }, pointer: "/definition/path", message: `must NOT have more than 3 characters; it is "/usr/bin/4"` },
      { object: main, pointer: "/definition/port", message: `must be integer; it is "5432"` },
      { object: sales, pointer: "", message: "was linked when the plugin's ingestion was staged; this build's is direct" },
      { object: sales, pointer: "/parameters/password", message: `holds a secret, but is not declared format: password; it is "[secret]"` },
      { object: dev, pointer: "/parameters/port", message: expect.stringContaining(`; it is "6000"`) },
      { object: qa, pointer: "/parameters/password", message: "is required" },
      { object: qa, pointer: "/parameters/port", message: expect.stringContaining(`; it is "6001"`) },
      { object: dev, pointer: "/sourceConfig/port", message: `must be integer; it is "6000"` },
      { object: { kind: "snapshot", id: "s00", name: expect.stringMatching(/^sales at 20.*Z$/) }, pointer: "/metadata", message: "The migration 1 failed: bad token [secret]", migration: "1" },
      { object: { kind: "snapshot", id: "s01", name: expect.stringMatching(/^sales at 20.*Z$/) }, pointer: "/metadata/by", message: "is required" },
    ])
    expect(JSON.stringify(findings)).not.toContain(PLANTED)
  })

  test("finds two that would have one identity, in one place only", async () => {
    await stocked({ ...STOCK, repositories: [{ path: "a" }, { path: "b" }], sourceConfigs: [{ name: "x", port: "1" }, { name: "y", port: "1" }] })
    const { findings } = await upload(await build({
      build: "2", migrations: [`migration("1", "repository", () => ({ path: "same" }))`],
      schemas: { sourceConfig: `Type.Object({ name: Type.String(), port: Type.String(), password: Type.Optional(secret()) }, { identityFields: ["port"], nameField: "name" })` },
    }), { dryRun: true })
    expect(findings.map(({ object, pointer, message }) => [object?.kind, pointer, message])).toEqual([
      ["repository", "/definition", expect.stringMatching(/^must differ in path from "[ab]" \(/)], ["source-config", "/definition", expect.stringMatching(/^must differ in port from "[xy]" \(/)],
    ])
  })

  test("names each migration that fails, with its object and how, and goes on with the others", async () => {
    const ways: [how: string, body: string, message: string][] = [
      ["error", `{ throw new Error("out of order") }`, "out of order"],
      ["text", `{ throw "just text" }`, "just text"],
      ["person", `{ throw new UserError("Too old.", { code: "old", action: "Go by build 1.5." }) }`, "Too old. Go by build 1.5."],
      ["leak", `{ throw new Error(old.token.reveal()) }`, "[secret]"],
      ["nothing", `undefined`, "it returned nothing"],
      ["word", `"text"`, "it returned something that is no object"],
      ["list", `[1]`, "it returned something that is no object"],
      ["secret", `old.token`, "it returned something that is no object"],
      ["promise", `Promise.resolve({})`, "It returned a promise; a migration waits for nothing."],
      ["function", `({ taken: () => 1 })`, "It returned a function, which is no JSON."],
      ["loop", `{ const loop: Record<string, unknown> = {}; loop["loop"] = loop; return loop }`, "nested more than 64 deep"],
      ["exits", `process.exit(7)`, "exited with code 7"],
      ["spins", `{ for (;;); }`, "it did not end within 1.5 s"],
    ]
    await stocked({ ...STOCK, snapshots: ways.map(([taken]) => ({ taken, token: new Secret(PLANTED) })) })
    const artifact = await build({
      build: "2", top: `const ways: Record<string, (old: { token: Secret }) => unknown> = {\n${ways.map(([how, body]) => `${how}: (old) => ${body}`).join(",\n")}\n}`,
      migrations: [
        `migration("7.1", "snapshot", (old: { taken: string; token: Secret }) => ways[old.taken]?.(old) as object)`,
        `migration("8", "virtualSource", () => { throw new Error("this one, too") })`,
      ],
    })
    const { findings } = await upload(artifact, { dryRun: true })
    expect(findings.map(({ object, migration, pointer }) => [object?.id, migration, pointer])).toEqual([
      ["v-dev", "8", "/parameters"], ["v-qa", "8", "/parameters"], ...ways.map((_, index) => [`s${String(index).padStart(2, "0")}`, "7.1", "/metadata"]),
    ])
    expect(findings.slice(2).map(({ message }) => message)).toEqual(ways.map(([, , message]) => expect.stringMatching(new RegExp(`^The migration 7\\.1 failed: .*${message.replaceAll(/[.[\]]/g, String.raw`\$&`)}`))))
    expect(JSON.stringify(findings)).not.toContain(PLANTED)
  })

  test("gives up a migration that has cost three processes, and says how much was not tried", async () => {
    await stocked({ ...STOCK, snapshots: Array.from({ length: 5 }, (_, index) => ({ taken: String(index) })) })
    const artifact = await build({ build: "2", migrations: [`migration("1", "snapshot", () => process.exit(7))`] })
    const { findings, objects } = await upload(artifact, { dryRun: true })
    expect(findings.map(({ object }) => object?.id)).toEqual(["s00", "s01", "s02"])
    expect(objects.find(({ kind }) => kind === "snapshot")).toEqual({ kind: "snapshot", count: 5, changed: 0, untried: 2 })
  })

  test("lists a thousand and counts the rest", async () => {
    await stocked({ ...STOCK, snapshots: Array.from({ length: 1_203 }, (_, index) => ({ taken: String(index) })) })
    const { findings, omitted } = await upload(await build({ build: "2", schemas: { snapshot: `Type.Object({ by: Type.String() })` } }), { dryRun: true })
    expect([findings.length, omitted]).toEqual([1_000, 203])
  })
})

describe("all or nothing", () => {
  test("an upgrade that would break one rule changes nothing, and says which", async () => {
    await stocked()
    const before = await dump(database.catalog)
    const error = await refusal(upload(await build({ ...SECOND, migrations: SECOND.migrations?.filter((each) => !each.includes(`"3"`)) ?? [] })))
    const [source] = await listSourceConfigs(database.catalog, {})
    expect(error).toMatchObject({ code: "upgrade_blocked", faults: [
      { pointer: `/source-configs/${source?.id}/definition/port`, message: `Source "main": must be integer; it is "5432"` },
      { pointer: "/vdbs/v-dev/sourceConfig/port", message: `VDB "dev": must be integer; it is "6000"` },
    ] })
    expect(error.message).toBe(`The upgrade of "growing" would break 2 rules; nothing was changed.`)
    expect(await dump(database.catalog)).toBe(before)
    expect(await inStore()).toEqual(await artifacts())
    expect(await serving()).toEqual(["1"])
  })

  test("one that fails at any moment leaves everything as it was", async () => {
    await stocked()
    const second = await build(SECOND)
    const before = await dump(database.catalog)
    for (const moment of ["unpack begun", "unpack happened", "examine begun", "examine happened", "swap begun", "swap happened"]) {
      at = ({ step, moment: passing }) => { if (`${step} ${passing}` === moment) throw new Error("told to fail") }
      await expect(upload(second), moment).rejects.toThrow("told to fail")
      expect(await dump(database.catalog), moment).toBe(before)
      expect(await inStore(), moment).toEqual(await artifacts())
      expect(await serving(), moment).toEqual(["1"])
      expect(await plugins.accept("growing", "virtualSource", { port: "6000" }, ""), moment).toEqual({ port: "6000" })
    }
  })

  test("a call that runs meanwhile ends well, with the build it began with", async () => {
    await stocked()
    const file = join(sandbox.path, "wait")
    await writeFile(file, "")
    const running = serving(file)
    const upgrading = upload(await build(SECOND))
    at = ({ step, moment }) => { if (step === "swap" && moment === "recorded") void rm(file) }
    expect(await running).toEqual(["1"])
    await upgrading
    expect(existsSync(file)).toBe(false)
    expect(await serving()).toEqual(["2"])
    expect(await inStore()).toEqual(await artifacts())
  })
})

describe("what a build must be", () => {
  test("its number is higher, and it has every migration", async () => {
    const second = await build({ build: "1.2", migrations: [`migration("1", "snapshot", (old) => old)`, `migration("2", "snapshot", (old) => old)`] })
    await upload(second)
    const before = await dump(database.catalog)
    const refused = async (edition: Edition) => refusal(upload(await build(edition)))
    expect(await refused({ build: "01.2.0", migrations: [`migration("1", "snapshot", (old) => old)`, `migration("2", "snapshot", (old) => old)`], top: "console.log()" })).toMatchObject({
      code: "build_number_not_higher", message: expect.stringContaining("Another artifact is installed with the build number 1.2."), faults: [{ pointer: "/buildNumber" }],
    })
    expect(await refused({ build: "1.1.9", migrations: [`migration("2", "virtualSource", (old) => old)`] })).toMatchObject({
      code: "build_number_not_higher", faults: [{ pointer: "/buildNumber" }, { pointer: "/migrations", message: expect.stringContaining("The migration 1 of snapshot is missing") }, { pointer: "/migrations", message: expect.stringContaining("is of virtualSource") }],
    })
    expect(await refused({ build: "1.10", migrations: [`migration("2.0", "snapshot", (old) => old)`] })).toMatchObject({ code: "migrations_missing", message: expect.stringContaining("The migration 1 of snapshot is missing") })
    expect(await dump(database.catalog)).toBe(before)
    expect(await inStore()).toEqual(await artifacts())
  })

  test("an engine that allows rebuilding takes any, but nothing that would break what is stored", async () => {
    const uploading = uploads(true)
    await uploading.upload(await build({ build: "2", migrations: [`migration("1", "snapshot", (old) => ({ ...old, taken: "1" }))`] }), {})
    await stock(database.catalog, "growing")
    expect(await uploading.upload(await build({ build: "2", migrations: [`migration("5", "snapshot", (old) => ({ ...old, taken: "5" }))`] }), {})).toMatchObject({ outcome: "upgraded", migrations: [{ id: "5" }] })
    expect(await uploading.upload(first, {})).toMatchObject({ outcome: "upgraded", migrations: [] })
    expect((await findSnapshot(database.catalog, "s01"))?.metadata).toEqual({ taken: "5" })
    expect(await refusal(uploading.upload(await build({ build: "1", schemas: { snapshot: `Type.Object({ by: Type.String() })` } }), {}))).toMatchObject({ code: "upgrade_blocked" })
  })
})

describe("beside jobs", () => {
  const job = (id: string, subject: JobSubject) => insertJob(database.catalog, { id, kind: "sync", request: {}, subject, locks: [id] })

  test("a job of the plugin that waits or runs keeps an upgrade away", async () => {
    await stocked()
    const second = await build(SECOND)
    const subjects: JobSubject[] = [
      { kind: "dsource", id: "d1", name: "sales" }, { kind: "vdb", id: "v-qa", name: "qa" }, { kind: "snapshot", id: "s00", name: "s00" }, { kind: "environment", id: "any", name: "here" },
    ]
    for (const [index, subject] of subjects.entries()) {
      await job(`j${index}`, subject)
      expect(await refusal(upload(second)), subject.kind).toMatchObject({
        code: "conflict", message: `Job j${index} (sync of "${subject.name}") of the plugin "growing" is under way.`, action: expect.stringContaining(`veneer job watch j${index}`),
      })
      const claimed = await claimJob(database.catalog, CLAIM)
      expect(await refusal(upload(second)), subject.kind).toMatchObject({ code: "conflict" })
      expect(claimed && await moveJob(database.catalog, claimed, "succeeded")).toBe(true)
    }
    expect(await upload(second)).toMatchObject({ outcome: "upgraded" })
  })

  test("a job that began after the look is seen before anything is written", async () => {
    await stocked()
    const second = await build(SECOND)
    let begun: Promise<unknown> = Promise.resolve()
    at = ({ step, moment }) => { if (step === "examine" && moment === "begun") begun = job("j1", { kind: "dsource", id: "d1", name: "sales" }) }
    expect(await refusal(upload(second))).toMatchObject({ code: "conflict" })
    await begun
    expect(await inForce()).toEqual(["1"])
  })

  test("a job of another plugin goes on, and none is claimed before the new build is loaded", async () => {
    await stocked()
    await upload(await build({ id: "other", build: "1" }))
    await job("other1", { kind: "dsource", id: "of another plugin", name: "x" })
    expect(await claimJob(database.catalog, CLAIM)).toMatchObject({ id: "other1" })
    let claiming: Promise<unknown> = Promise.resolve()
    at = ({ step, moment }) => {
      if (step !== "swap" || moment !== "happened") return
      claiming = job("other2", { kind: "dsource", id: "of another plugin", name: "x" }).then(() => claimJob(database.catalog, CLAIM)).then(() => serving())
    }
    await upload(await build(SECOND))
    expect(await claiming).toEqual(["2"])
  })

  test("parameters that one build took are not stored for the next", async () => {
    await stocked()
    const accepted = await acceptParameters(engine, "growing", "virtualSource", { port: "6002" })
    await inTransaction(database.catalog, (within) => holdAccepted(within, accepted))
    await upload(await build(SECOND))
    const storing = inTransaction(database.catalog, (within) => holdAccepted(within, accepted))
    expect(await refusal(storing)).toMatchObject({ code: "conflict", action: "Send the request again." })
    expect((await acceptParameters(engine, "growing", "virtualSource", { port: 6002 })).value).toEqual({ port: 6002, verify: true })
  })

  test("a source entered by hand, accepted by the build before, is not stored for the next", async () => {
    await stocked()
    const second = await build(SECOND)
    const accept: Plugins["accept"] = async (...asked) => {
      const value = await plugins.accept(...asked)
      await upload(second)
      return value
    }
    const adding = addSource({ ...engine, plugins: { ...plugins, accept } }, { environment: "here", plugin: "growing", definition: { name: "by hand", port: "1" } })
    expect(await refusal(adding)).toMatchObject({ code: "conflict" })
    expect((await listSourceConfigs(database.catalog, {})).map(({ name }) => name)).not.toContain("by hand")
  })

  test.each<[what: string, hold: (within: Catalog) => Promise<unknown>]>([
    ["parameters were accepted", async (within) => holdAccepted(within, await acceptParameters(engine, "growing", "virtualSource", { port: "6002" }))],
    ["dSource was written to", (within) => within.db.updateTable("dsources").set({ size_bytes: 1 }).execute()],
    ["VDB was written to", (within) => within.db.updateTable("vdbs").set({ generation: 2 }).execute()],
  ])("a job that is being made, and whose %s, is let through first and then seen", async (_what, hold) => {
    await stocked()
    const second = await build(SECOND)
    const [holding, waiting] = [signal(), signal()]
    const requesting = inTransaction(database.catalog, async (within) => {
      await hold(within)
      holding.resolve()
      await waiting.promise
      return insertJob(within, { id: "j1", kind: "provision", request: {}, subject: { kind: "dsource", id: "d1", name: "sales" }, locks: [] }, CLAIM)
    })
    await holding.promise
    const upgrading = refusal(upload(second))
    const waits = async () => (await sql`select from pg_locks where not granted`.execute(database.db)).rows.length
    await expect.poll(waits).toBe(1)
    waiting.resolve()
    expect(await requesting).toMatchObject({ id: "j1", state: "running" })
    expect(await upgrading).toMatchObject({ code: "conflict", message: expect.stringContaining("j1") })
  })
})

describe("two at once", () => {
  test("uploads of one plugin happen one after the other", async () => {
    await stocked()
    const add = (id: string) => `migration("${id}", "snapshot", (old) => ({ ...old, taken: String(old["taken"]) + " ${id}" }))`
    const [second, third] = [await build({ build: "2", migrations: [add("2")] }), await build({ build: "3", migrations: [add("2"), add("3")] })]
    const uploading = uploads()
    const outcomes = await Promise.all([second, third, third, second].map((packed) => uploading.upload(packed, {}).then(({ outcome }) => outcome, ({ code }: EngineError) => code)))
    expect(outcomes).toEqual(["upgraded", "upgraded", "unchanged", "build_number_not_higher"])
    expect((await findSnapshot(database.catalog, "s00"))?.metadata).toMatchObject({ taken: "first 2 3" })
    expect(await inStore()).toEqual(await artifacts())
    expect(await serving()).toEqual(["3"])
  })

  test("installing the same one twice, and a dry run of it, keep its artifact", async () => {
    const uploading = uploads()
    const outcomes = await Promise.all([uploading.upload(first, { dryRun: true }), uploading.upload(first, {}), uploading.upload(first, {}), uploading.upload(first, { dryRun: true })])
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["installed", "installed", "unchanged", "unchanged"])
    expect(await inStore()).toEqual(await artifacts())
    expect(await serving()).toEqual(["1"])
  })
})

test("a plugin that something uses is not deleted; one that nothing uses leaves nothing", async () => {
  await stocked()
  expect(await refusal(uploads().remove("growing"))).toMatchObject({ code: "in_use", message: expect.stringMatching(/is used by (?=.*sales)(?=.*dev)(?=.*qa)/) })
  expect(await refusal(uploads().remove("none"))).toMatchObject({ code: "not_found" })
  await empty(database.catalog)
  await upload(first)
  await uploads().remove("growing")
  expect([await inForce(), await inStore()]).toEqual([[], []])
  expect(() => plugins.manifest("growing")).toThrow("There is no plugin")
})

test("what a dead engine left of artifacts is swept, and nothing else", async () => {
  await upload(first)
  const [artifact = ""] = await artifacts()
  for (const name of ["0".repeat(64), `.${"1".repeat(64)}.half`]) await mkdir(join(storeDir, name))
  await uploads().sweep()
  expect((await readdir(storeDir)).sort()).toEqual([artifact, "package.json"].sort())
})
