import { cp, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { buildPlugin } from "../packages/cli/src/author/build.ts"
import { createEngineHome, succeeded, type EngineProcess } from "./support/engine.ts"
import { link, prepare, provision, urlOf } from "./support/estate.ts"
import { createSandbox, type Sandbox } from "./support/sandbox.ts"
import { LACKS, queryUrl, startServer, type Server } from "./support/server.ts"

const PLUGIN = fileURLToPath(new URL("../plugins/postgres/", import.meta.url))

/** The plugin's own source as its next build: VDBs get a setting, and snapshots say where they come from. */
async function nextBuild(sandbox: Sandbox): Promise<Buffer> {
  const folder = join(sandbox.path, "next")
  for (const part of ["src", "scripts", "package.json"]) await cp(join(PLUGIN, part), join(folder, part), { recursive: true })
  const edit = async (file: string, from: string, to: string) => {
    const text = await readFile(join(folder, file), "utf8")
    expect(text).toContain(from)
    await writeFile(join(folder, file), text.replace(from, to))
  }
  await edit("src/index.ts", `import { definePlugin }`, `import { definePlugin, migration }`)
  await edit("src/index.ts", `buildNumber: "1",`, `buildNumber: "1.1",
  migrations: [
    migration("1", "virtualSource", (old: { settings?: object }) => ({ ...old, settings: { ...old.settings, work_mem: "5MB" } })),
    migration("2", "snapshot", (old) => ({ ...old, madeBy: "build 1" })),
  ],`)
  await edit("src/schemas.ts", `export const snapshot = Type.Object({`, `export const snapshot = Type.Object({\n  madeBy: Type.Optional(Type.String()),`)
  return readFile((await buildPlugin(folder)).file)
}

describe.skipIf(LACKS !== undefined)(`an upgrade of the plugin under running VDBs${LACKS === undefined ? "" : ` (skipped: ${LACKS})`}`, () => {
  let sandbox: Sandbox
  let server: Server
  let engine: EngineProcess

  beforeAll(async () => {
    sandbox = await createSandbox("upgrade-postgres")
    server = await startServer(sandbox)
    engine = await createEngineHome(sandbox).start()
    await prepare(engine.client)
    await link(engine.client, server, "sales")
  })
  afterAll(async () => {
    await engine?.stop()
    await sandbox?.clear()
  })

  it("is not noticed by a client that is connected, and goes for everything that happens next", async () => {
    const { client } = engine
    const vdb = await provision(client, "dev", "sales")
    const session = new pg.Client({ connectionString: await urlOf(client, "dev") })
    await session.connect()
    const seen = async () => (await session.query<object>("select pg_backend_pid() as backend, pg_postmaster_start_time()::text as started, (select count(*) from kept) as kept, current_setting('work_mem') as memory")).rows
    await session.query("create temporary table kept as select 1")
    const before = await seen()
    const artifact = await nextBuild(sandbox)
    expect(await client.uploadPlugin({ body: artifact, query: { dryRun: true } })).toMatchObject({ outcome: "upgraded", findings: [] })

    const upgraded = new AbortController()
    let queries = 0
    const asking = (async () => {
      for (; !upgraded.signal.aborted; queries++) expect(await seen()).toEqual(before)
    })()
    const upload = await client.uploadPlugin({ body: artifact, query: { upgrade: true } }).finally(() => upgraded.abort())
    await asking
    expect(queries).toBeGreaterThan(0)
    expect(upload).toMatchObject({ outcome: "upgraded", from: { buildNumber: "1" }, buildNumber: "1.1", migrations: [{ id: "1" }, { id: "2" }] })
    expect(upload.objects).toEqual(expect.arrayContaining([{ kind: "virtualSource", count: 1, changed: 1, untried: 0 }]))
    expect(await seen()).toEqual(before)

    const after = await client.showVdb({ params: { id: "dev" } })
    expect(after).toEqual({ ...vdb, parameters: { ...vdb.parameters, settings: { work_mem: "5MB" } } })
    const { items } = await client.listSnapshots({ query: { dsource: "sales" } })
    expect(items.map(({ metadata }) => metadata["madeBy"])).toEqual(["build 1"])

    await succeeded(client, await client.snapshotVdb({ params: { id: "dev" } }))
    expect(await seen()).toEqual(before)
    await session.end()
    await succeeded(client, await client.syncDsource({ params: { id: "sales" }, body: {} }))
    await succeeded(client, await client.refreshVdb({ params: { id: "dev" }, body: {} }))
    expect(await queryUrl(await urlOf(client, "dev"), "select current_setting('work_mem') as memory")).toEqual([{ memory: "5MB" }])
    expect((await client.examine()).items).toEqual([])
  })
})
