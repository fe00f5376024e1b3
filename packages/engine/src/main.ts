import { mkdir, rename, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { SDK_VERSION } from "@veneer/sdk/version"
import { hashToken } from "./api/auth.ts"
import { createServer } from "./api/server.ts"
import { openCatalogConnections, type Catalog, type CatalogAddress } from "./catalog/catalog.ts"
import { startEmbeddedCluster } from "./catalog/embedded.ts"
import { migrate } from "./catalog/migrate.ts"
import { listPlugins } from "./catalog/plugins.ts"
import { listPools } from "./catalog/pools.ts"
import { announcePresence } from "./catalog/presence.ts"
import { createSealer } from "./catalog/sealer.ts"
import { saveToken } from "./catalog/tokens.ts"
import { openDataDir, type EngineConfig } from "./config.ts"
import { createHosts } from "./environments/hosts.ts"
import { reapOrphans } from "./environments/orphans.ts"
import { runProcess } from "./environments/process.ts"
import { problemOf } from "./errors.ts"
import { Changes } from "./jobs/changes.ts"
import type { JobObserver } from "./jobs/job.ts"
import { Queue } from "./jobs/queue.ts"
import { confine } from "./plugins/confinement.ts"
import { createPlugins } from "./plugins/plugins.ts"
import { openSecretStores } from "./secrets/stores.ts"
import { createBindShare } from "./share/bind.ts"
import { createLinkShare } from "./share/link.ts"
import { createPools } from "./storage/pools.ts"
import { createForkServer } from "./system/fork-server.ts"
import { programRunner } from "./system/program.ts"
import { verbsOf } from "./verbs.ts"
import type { Engine } from "./workflows/engine.ts"
import { addPool } from "./workflows/pool.ts"
import { reservePort } from "./workflows/ports.ts"
import { referencesOf } from "./workflows/references.ts"
import { unbegun } from "./workflows/request.ts"
import { discardRuns } from "./workflows/runs.ts"
import { workflowsOf } from "./workflows/table.ts"
import { Uploads } from "./workflows/upload.ts"
import { Watch } from "./workflows/watch.ts"

export type { EngineConfig } from "./config.ts"
export type { JobMoment, JobObserver } from "./jobs/job.ts"

const DEFAULT_JOBS = 8
const DEFAULT_PORTS = [6000, 6999] as const
const LEASE_MS = 30_000
const FIRST_TOKEN = "first"
const DEFAULT_POOL = "default"

/** A running engine. */
export interface RunningEngine {
  url: string
  /** Path of its Unix socket. */
  socket: string
  /** The file that holds the first token. */
  tokenFile: string
  /** What the engine lacks here, and what that costs. */
  warnings: string[]
  /** Ends the engine; running VDBs are left as they are. Jobs under way go on at the next start. */
  close(): Promise<void>
}

/** What else an engine can be given. */
export interface StartOptions {
  /** Told of every step of every job as it passes. */
  observe?: JobObserver
  /** Told what went wrong outside any job and any request. */
  report?: (message: string) => void
}

/** Builds an engine and starts it: the one place where parts are put together. */
export async function startEngine(config: EngineConfig, { observe = () => undefined, report = console.error }: StartOptions = {}): Promise<RunningEngine> {
  const startedAt = new Date()
  // While this process is still small.
  const forks = createForkServer()
  const run = programRunner(forks.start)
  const isRoot = process.getuid?.() === 0
  const { path: dataDir, identity } = await openDataDir(config.dataDir)
  const warnings = isRoot ? [] : ["Not root: no btrfs pools and no bind mounts; datasets are linked into place, and everything runs as this user."]
  if (config.allowRebuild) warnings.push("Any artifact may replace a plugin here, whatever its build number (allowRebuild): for trying out builds, not for data that anybody needs.")
  const tell = (thrown: unknown) => report(describe(thrown))
  const changes = new Changes()

  const cluster = config.databaseUrl === undefined ? await startEmbeddedCluster({ dataDir, engineId: identity.id }) : undefined
  const address: CatalogAddress = cluster?.address ?? { url: config.databaseUrl ?? "" }
  const connections = openCatalogConnections(address)
  await migrate(connections.db)
  const catalog: Catalog = { db: connections.db, sealer: createSealer(identity.key) }
  const presence = await announcePresence(connections.config, identity.id, {
    heard: (kind) => {
      changes.events()
      queue.heard(kind)
    },
    lost: () => tell(new Error("The connection to the catalog broke; jobs go on once it is back.")),
  })
  await reapOrphans(identity.id)

  const mountRoot = config.mountRoot ?? join(dataDir, "mnt")
  await mkdir(mountRoot, { recursive: true, mode: 0o755 })
  const storeDir = join(dataDir, "plugins")
  const credentials = await openSecretStores(config.secrets, runProcess)
  const hosts = createHosts({ dataDir, engineId: identity.id, artifactsDir: storeDir, start: forks.start, follow: credentials })
  const pools = createPools({ dataDir, run })
  const confinement = await confine({ engineId: identity.id, run })
  warnings.push(...confinement.warnings)
  const plugins = createPlugins({
    storeDir, engineId: identity.id, confinement, hosts, references: referencesOf(catalog), credentials,
    ports: (context, request) => reservePort(catalog, hosts, context, { range: config.ports ?? DEFAULT_PORTS, ...request }),
  })
  const poolRoot = join(dataDir, "pools")
  await mkdir(poolRoot, { recursive: true })
  const share = isRoot ? createBindShare({ mountRoot, poolRoot, run }) : createLinkShare({ mountRoot, poolRoot, run })
  const engine: Engine = { catalog, pools, share, hosts, plugins, mountRoot, cancel: (id) => queue.cancel(id), slot: () => queue.slot() }
  const queue = new Queue({
    catalog, engineId: identity.id, changes, observe, workflows: workflowsOf(engine), concurrency: config.jobs ?? DEFAULT_JOBS, leaseMs: LEASE_MS, report: tell,
    unbegun, ending: (jobId) => discardRuns(engine, jobId),
  })

  await saveToken(catalog, { id: FIRST_TOKEN, name: FIRST_TOKEN, hash: hashToken(identity.token) })
  for (const plugin of await listPlugins(catalog)) await plugins.load(plugin)
  const uploads = new Uploads(engine, { allowRebuild: config.allowRebuild === true, observe, report: tell })
  await uploads.sweep()
  await openPools(engine, config, warnings)

  const about = { id: identity.id, version: SDK_VERSION, startedAt, warnings }
  const server = createServer({ engine, verbs: verbsOf(engine, uploads), queue, changes, about, report: tell })
  const socket = join(dataDir, "engine.sock")
  const { url } = await server.listen({ ...config.listen, socket })
  await writeWhole(join(dataDir, "engine.json"), `${JSON.stringify({ url, socket, tokenFile: identity.tokenFile })}\n`)
  await queue.start()
  const watch = new Watch(engine, { rhythm: config.watch, report: tell })
  watch.start()

  return {
    url, socket, tokenFile: identity.tokenFile, warnings,
    close: async () => {
      await server.close()
      await watch.stop()
      await queue.stop()
      await plugins.close()
      await hosts.close()
      await presence.close()
      await connections.db.destroy()
      await cluster?.stop()
      forks.close()
    },
  }
}

/** A pool that can't be opened costs the objects on it, not the engine. The first start makes one. */
async function openPools(engine: Engine, config: EngineConfig, warnings: string[]): Promise<void> {
  const known = await listPools(engine.catalog)
  if (known.length === 0) await addPool(engine, { name: DEFAULT_POOL, ...config.pool })
  for (const { name, settings } of known) {
    try {
      const storage = await engine.pools.open(name, settings)
      await storage.sweep()
    } catch (thrown) {
      const { message, action } = problemOf(thrown)
      warnings.push(`Pool "${name}" can't be opened: ${message} ${action}`)
    }
  }
}

async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o644 })
  await rename(`${file}.new`, file)
}


function describe(thrown: unknown): string {
  const { code, message, action } = problemOf(thrown)
  return code === "internal" && thrown instanceof Error ? (thrown.stack ?? message) : `${message} ${action}`
}
