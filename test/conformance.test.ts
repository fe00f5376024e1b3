import { chmod, readdir } from "node:fs/promises"
import { join } from "node:path"
import { checkPlugin, Secret } from "@veneer/sdk"
import { canonicalId, compareIds } from "@veneer/sdk/migrate"
import { upgradeFaults } from "@veneer/sdk/upgrade"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createHosts } from "../packages/engine/src/environments/hosts.ts"
import { confine } from "../packages/engine/src/plugins/confinement.ts"
import { createPlugins } from "../packages/engine/src/plugins/plugins.ts"
import type { CallContext, Plugins } from "../packages/engine/src/plugins/port.ts"
import { artifacts } from "./conformance/artifacts.ts"
import { declarations } from "./conformance/declaration.ts"
import { canonicalForms, orders, successions } from "./conformance/numbers.ts"
import { parameters } from "./conformance/parameters.ts"
import { returns } from "./conformance/returns.ts"
import { schemas } from "./conformance/schemas.ts"
import { sound } from "./conformance/sound.ts"
import { artifactOf } from "./support/artifact.ts"
import { createSandbox, type Sandbox } from "./support/sandbox.ts"
import { runProgram } from "../packages/engine/src/system/program.ts"

const placesOf = (plugin: object, scripts: readonly string[] = []) => checkPlugin(plugin, { scripts }).map(({ place }) => place)

test("the tables hold at least 120 cases, no two alike", () => {
  const tables = { declarations, schemas, canonicalForms, orders, successions, returns, parameters, artifacts }
  const names = Object.entries(tables).flatMap(([table, rows]) => rows.map(([what, more]) => JSON.stringify([table, what, ["returns", "orders"].includes(table) && more])))
  expect(names.length).toBeGreaterThan(120)
  expect(names.filter((name, index) => names.indexOf(name) < index)).toEqual([])
})

describe("a declaration", () => {
  test.each(declarations)("with %s", (_what, change, places, scripts) => {
    expect(placesOf({ ...sound, ...change }, scripts)).toEqual(places)
  })
})

describe("a schema", () => {
  test.each(schemas)("with %s: %s", (_what, name, schema, pointers) => {
    expect(placesOf({ ...sound, schemas: { ...sound.schemas, [name]: schema } })).toEqual(pointers.map((pointer) => `/schemas/${name}${pointer}`))
  })
})

describe("build numbers and migration ids", () => {
  test.each(canonicalForms)("%j is canonically %j", (written, canonical) => {
    expect(canonicalId(written)).toBe(canonical)
  })

  test.each(orders)("%s against %s: %s", (first, second, order) => {
    expect([compareIds(first, second), -compareIds(second, first)].map((sign) => (sign < 0 ? "<" : sign > 0 ? ">" : "="))).toEqual([order, order])
  })

  test.each(successions)("an installed build is followed by %s", (_what, installed, offered, places) => {
    const build = ([buildNumber, migrations]: typeof installed) => ({ buildNumber, migrations: migrations.map(([id, kind]) => ({ id, kind })) })
    expect(upgradeFaults(build(installed), build(offered)).map(({ place }) => place)).toEqual(places)
  })
})

describe("in an engine", () => {
  let sandbox: Sandbox
  let plugins: Plugins
  let storeDir = ""

  /** Knows one environment, `here`, with one user. */
  const references = async ({ referenceType, text, matches }: { referenceType: string; text: string; matches: Readonly<Record<string, string>> }) => {
    const isHere = ["here", "id-here"].includes(referenceType === "environment" ? text : (matches["environment"] ?? ""))
    return isHere ? { id: referenceType === "environment" ? "id-here" : `id-here/${text}` } : { problem: "refers to nothing" }
  }

  beforeAll(async () => {
    sandbox = await createSandbox("conformance")
    await chmod(sandbox.path, 0o755)
    storeDir = join(sandbox.path, "store")
    const hosts = createHosts({ dataDir: sandbox.path, engineId: "test-conformance", artifactsDir: storeDir })
    plugins = createPlugins({ storeDir, engineId: "test-conformance", confinement: await confine({ engineId: "test-conformance", run: runProgram }), hosts, ports: async () => 1, references })
    sandbox.defer(() => plugins.close())
    await plugins.load(await plugins.install(await artifactOf(sandbox, "answering")))
  })
  afterAll(() => sandbox.clear())

  const context = (answer: unknown): CallContext => ({
    environment: { id: "1", name: answer === undefined ? "" : JSON.stringify(answer), kind: "local" }, reason: "sync", key: "k", owner: undefined, signal: new AbortController().signal, log: () => undefined, progress: () => undefined,
  })

  test.each(returns)("%s: %s returns %j", async (_what, operation, returned, pointer) => {
    const called = plugins.call("answering", operation, { snapshot: { files: 3 } }, context(returned))
    if (pointer !== undefined) return expect(await called.catch((error: unknown) => error)).toMatchObject({ code: "plugin_output_invalid", message: expect.stringContaining(`answering ${operation}`), faults: [{ pointer }] })
    const isAsked = !["removeTrace", "preSnapshot", "startStaging", "stopStaging", "worker", "unconfigure", "cleanup", "start", "stop"].includes(operation.split(".")[1] ?? "")
    expect(await called).toEqual(isAsked ? (returned ?? {}) : undefined)
  })

  test.each(parameters)("a person gives %s as %s", async (_what, schema, given, outcome) => {
    const accepting = plugins.accept("answering", schema, given, "/parameters")
    if ("accepted" in outcome) return expect(opened(await accepting)).toEqual(opened(outcome.accepted))
    const refusal: { code?: string; faults?: { pointer: string }[] } = await accepting.then(() => ({}), (error: object) => error)
    expect([refusal.code, refusal.faults?.map(({ pointer }) => pointer)]).toEqual(["invalid_request", outcome.pointers.map((pointer) => `/parameters${pointer}`)])
  })

  test.each(artifacts)("an artifact with %s is refused, and leaves nothing", async (_what, packed, said) => {
    const before = await readdir(storeDir)
    expect(await plugins.install(packed()).catch((error: unknown) => error)).toMatchObject({ code: "artifact_invalid", message: expect.stringContaining(said) })
    expect(await readdir(storeDir)).toEqual(before)
  })
})

/** A value in which every secret stands as its text, to be compared. */
function opened(value: unknown): unknown {
  if (value instanceof Secret) return { secret: value.reveal() }
  if (Array.isArray(value)) return value.map(opened)
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, opened(item)])) : value
}
