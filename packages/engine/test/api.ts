import { randomBytes } from "node:crypto"
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Secret } from "@veneer/sdk"
import { hashToken, newToken } from "../src/api/auth.ts"
import { createServer, type Server } from "../src/api/server.ts"
import { openCatalogConnections, type Catalog } from "../src/catalog/catalog.ts"
import { startEmbeddedCluster } from "../src/catalog/embedded.ts"
import { findEnvironment, insertEnvironment } from "../src/catalog/environments.ts"
import { newId } from "../src/catalog/ids.ts"
import { migrate } from "../src/catalog/migrate.ts"
import { savePlugin } from "../src/catalog/plugins.ts"
import { insertPool } from "../src/catalog/pools.ts"
import { createSealer } from "../src/catalog/sealer.ts"
import { listSourceConfigs, saveDiscovery } from "../src/catalog/sources.ts"
import { saveToken } from "../src/catalog/tokens.ts"
import { createClient, type Client } from "../src/client/index.ts"
import { EngineError } from "../src/errors.ts"
import { Changes } from "../src/jobs/changes.ts"
import { Queue } from "../src/jobs/queue.ts"
import { PluginLog } from "../src/plugins/log.ts"
import type { Plugins } from "../src/plugins/port.ts"
import type { Pools } from "../src/storage/port.ts"
import { workflows } from "./jobs.ts"
import { manifest } from "./manifest.ts"
import { createVerbs } from "./verbs.ts"

/** A text that must show up nowhere. */
export const PLANTED = "s3cr3t-planted"

/** The API over a real catalog and queue, with workflows that only pretend. */
export interface TestApi {
  catalog: Catalog
  changes: Changes
  server: Server
  url: string
  socket: string
  /** Holds `engine.json` and the token's file, as an engine's data directory does. */
  dataDir: string
  token: string
  client: Client
  /** What the server reported as unforeseen. */
  reports: unknown[]
  close(): Promise<void>
}

export async function startApi(): Promise<TestApi> {
  const dataDir = await mkdtemp(join(tmpdir(), "veneer-api-"))
  await chmod(dataDir, 0o755)
  const cluster = await startEmbeddedCluster({ dataDir, engineId: newId() })
  const { db } = openCatalogConnections(cluster.address)
  await migrate(db)
  const catalog: Catalog = { db, sealer: createSealer(randomBytes(32)) }
  const changes = new Changes()
  const reports: unknown[] = []
  const report = (thrown: unknown) => void reports.push(thrown)
  const queue = new Queue({ catalog, engineId: "test", changes, observe: () => undefined, workflows: workflows(), concurrency: 4, leaseMs: 30_000, unbegun: async () => undefined, ending: async () => undefined, report })
  const token = newToken()
  await saveToken(catalog, { id: "first", name: "first", hash: hashToken(token) })
  await seed(catalog)
  const server = createServer({
    engine: { catalog, pools: fakePools, plugins: fakePlugins, mountRoot: "/mnt/veneer" }, verbs: createVerbs(catalog, () => queue.poke()), queue, changes, report,
    about: { id: "test", version: "0.1.0", startedAt: new Date(), warnings: ["Not root: no mounts."] },
  })
  const socket = join(dataDir, "engine.sock")
  const { url } = await server.listen({ host: "127.0.0.1", port: 0, socket })
  const tokenFile = join(dataDir, "token")
  await writeFile(tokenFile, `${token}\n`)
  await writeFile(join(dataDir, "engine.json"), JSON.stringify({ url, socket, tokenFile }))
  await queue.start()
  return {
    catalog, changes, server, url, socket, dataDir, token, reports, client: createClient({ url, token }),
    close: async () => {
      await server.close()
      await queue.stop()
      await db.destroy()
      await cluster.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** One environment with one source, one plugin, one pool: what every verb needs. */
async function seed(catalog: Catalog): Promise<void> {
  await savePlugin(catalog, { manifest, artifact: "0".repeat(64) })
  await insertPool(catalog, "default", { driver: "copy", sizeBytes: 1024 ** 3 })
  await insertEnvironment(catalog, { name: "local", kind: "local" })
  const environment = await findEnvironment(catalog, "local")
  if (!environment) throw new Error("The environment is gone.")
  const sourceConfigs = [{ identity: "main", name: "main", definition: { path: "/data/main", port: 5432, password: new Secret(PLANTED) } }]
  await saveDiscovery(catalog, environment.id, "toy", [{ identity: "/usr/bin", name: "Toy 1.0", definition: { path: "/usr/bin", licence: new Secret(PLANTED) }, sourceConfigs }])
  const found = await listSourceConfigs(catalog, { nameOrId: "main" })
  if (found.length !== 1) throw new Error("The source is gone.")
}

const fakePools: Pools = {
  probe: async () => [{ driver: "copy" }, { driver: "fast", lacks: "This machine has none." }],
  open: async () => { throw new EngineError("pool_unavailable", "No pool is opened here.") },
  get: (name) => {
    if (name !== "default") throw new EngineError("pool_unavailable", `Pool "${name}" is not open.`)
    return {
      driver: "copy", atomic: false, path: (dataset) => `/pool/${dataset}`, create: nothing, snapshot: nothing, clone: nothing, destroy: nothing,
      list: async () => [], sweep: async () => [], usage: async () => ({ ownBytes: 4096, logicalBytes: 1_503_238_553 }),
      capacity: async () => ({ totalBytes: 1024 ** 3, freeBytes: 512 * 1024 ** 2 }),
    }
  },
  close: async () => undefined,
}

const nothing = async () => undefined

const unused = () => { throw new Error("The API calls no plugin itself.") }

/** What the API's one plugin has written. */
export const pluginLog = new PluginLog()
pluginLog.add("loaded")

const fakePlugins: Plugins = {
  install: unused, load: unused, unload: unused, migrator: unused, sweep: unused, manifest: unused, artifact: unused, offers: unused, accept: unused, references: () => [], call: unused, log: () => pluginLog, close: async () => undefined,
}
