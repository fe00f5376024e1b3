import { referencesIn } from "@veneer/sdk/values"
import { afterAll, beforeAll, expect, test } from "vitest"
import { startTestCatalog, type TestCatalog } from "../../test/catalog.ts"
import { manifest } from "../../test/manifest.ts"
import { findEnvironment, insertEnvironment } from "../catalog/environments.ts"
import { savePlugin } from "../catalog/plugins.ts"
import { insertPool } from "../catalog/pools.ts"
import { listRepositories, saveDiscovery } from "../catalog/sources.ts"
import { insertVdb } from "../catalog/vdbs.ts"
import type { Plugins } from "../plugins/port.ts"
import { referencesOf, referringTo } from "./references.ts"

let catalog: TestCatalog
let ids: Record<string, string> = {}

beforeAll(async () => {
  catalog = await startTestCatalog()
  await insertEnvironment(catalog.catalog, { name: "staging", kind: "local", user: "dba" })
  await insertEnvironment(catalog.catalog, { name: "plain", kind: "local" })
  for (const name of ["staging", "plain"]) ids[name] = (await findEnvironment(catalog.catalog, name))?.id ?? ""
})

afterAll(() => catalog.close())

const find = (referenceType: string, text: string, matches: Record<string, string> = {}) => referencesOf(catalog.catalog)({ pointer: "", referenceType, text, matches })

test("an environment is found by name and by id, which stays the same", async () => {
  expect(await find("environment", "staging")).toEqual({ id: ids["staging"] })
  expect(await find("environment", ids["staging"] ?? "", { hostType: "unix" })).toEqual({ id: ids["staging"] })
})

test("a user is found by name where its environment is known, and by the id that comes of it", async () => {
  const id = `${ids["staging"]}/dba`
  for (const text of ["dba@staging", `dba@${ids["staging"]}`, id]) expect(await find("environmentUser", text)).toEqual({ id })
  for (const text of ["dba", "dba@staging", id]) expect(await find("environmentUser", text, { environment: "staging" })).toEqual({ id })
  expect(await find("environmentUser", id, { environment: ids["staging"] ?? "" })).toEqual({ id })
})

test.each([
  ["environment", "nowhere", {}, "names no environment"],
  ["environment", "staging", { hostType: "windows" }, `must be of a windows host; "staging" is unix`],
  ["environmentUser", "dba", {}, "write user@environment"],
  ["environmentUser", "dba@nowhere", {}, "of no environment that there is"],
  ["environmentUser", "dba", { environment: "nowhere" }, "of no environment that there is"],
  ["environmentUser", "root@staging", {}, "it has dba"],
  ["environmentUser", "dba@plain", {}, "none but the engine's own"],
  ["environmentUser", "dba@staging", { environment: "plain" }, `must be a user of the environment "plain"`],
  ["environmentUser", "dba@staging", { hostType: "windows" }, "must be of a windows host"],
  ["repository", "x", {}, "does not know"],
])("a reference to %s %j, to match %j, is refused: %s", async (referenceType, text, matches, problem) => {
  expect(await find(referenceType, text, matches)).toEqual({ problem: expect.stringContaining(problem) })
})

test("what refers to an environment, or to a user of it, is known", async () => {
  const { catalog: kept } = catalog
  const reference = { type: "string", format: "reference", referenceType: "environmentUser" }
  const plugins = { references: (_id, _name, value) => referencesIn({ type: "object", properties: { user: reference } }, value).map(({ text }) => text) } as Plugins
  await savePlugin(kept, { manifest, artifact: "0".repeat(64) })
  await insertPool(kept, "default", { driver: "copy", sizeBytes: 1024 ** 3 })
  await saveDiscovery(kept, ids["plain"] ?? "", "toy", [{ identity: "r", name: "r", definition: {}, sourceConfigs: [] }])
  const [repository] = await listRepositories(kept, {})
  const vdb = { pluginId: "toy", repositoryId: repository?.id ?? "", environmentId: ids["plain"] ?? "", pool: "default", snapshotId: undefined, hooks: {} }
  await insertVdb(kept, { ...vdb, id: "a", name: "referring", parameters: { user: `${ids["staging"]}/dba` } }, "create")
  await insertVdb(kept, { ...vdb, id: "b", name: "other", parameters: { user: `${ids["plain"]}/dba`, note: ids["staging"] } }, "create")
  expect(await referringTo({ catalog: kept, plugins }, ids["staging"] ?? "")).toEqual(["referring"])
  expect(await referringTo({ catalog: kept, plugins }, "nobody")).toEqual([])
})
