import { execFileSync } from "node:child_process"
import { mkdir, readdir, readFile, rm } from "node:fs/promises"
import { cpus, loadavg, release, totalmem } from "node:os"
import { join } from "node:path"
import type { Client } from "@veneer/engine/client"
import { createEngineHome, succeeded, type EngineHome, type EngineProcess } from "../support/engine.ts"
import { discover, linkRequest, prepare } from "../support/estate.ts"
import type { Sandbox } from "../support/sandbox.ts"
import { BIN, startServer, type Server } from "../support/server.ts"
import { ByHand } from "./by-hand.ts"
import { openDoorbell, type Doorbell } from "./doorbell.ts"
import type { Figure } from "./report.ts"
import type { Sizes } from "./sizes.ts"

export const POOL = "bench"
/** The dSource that most figures are taken on, and one of an almost empty server. */
export const MAIN = "main"
export const TINY = "tiny"

/** Everything real that the figures are taken on. */
export interface Bench {
  sandbox: Sandbox
  sizes: Sizes
  bin: string
  server: Server
  tiny: Server
  home: EngineHome
  /** Another one after a restart. */
  engine: EngineProcess
  client: Client
  doorbell: Doorbell
  /** Where the pool is mounted. */
  pool: string
  hand: ByHand
  /** Aborted when the whole is to end: nothing new may be started from then on. */
  signal: AbortSignal
  /** Tells the person watching. */
  say(text: string): void
}

/** What one family of figures hands in. */
export interface Outcome {
  figures: Figure[]
  details?: Record<string, unknown>
}

/** Starts two servers that stand for production, and an engine with a dSource of each. */
export async function raise({ sandbox, sizes, say, signal }: { sandbox: Sandbox; sizes: Sizes; say: Bench["say"]; signal: AbortSignal }): Promise<Bench> {
  const bin = BIN ?? ""
  const path = join(sandbox.path, "tiny")
  await mkdir(path, { mode: 0o711 })
  say(`two sources, one of pgbench scale ${sizes.scale}`)
  const tiny = await startServer({ ...sandbox, path })
  const server = await startServer(sandbox, { max_wal_size: "8GB", shared_buffers: "256MB" })
  await server.query("create database pgbench")
  await server.pgbench("--initialize", "--quiet", "--scale", String(sizes.scale), "pgbench")
  await server.query("checkpoint")
  say("an engine, and a dSource of each")
  const home = createEngineHome(sandbox)
  sandbox.defer(async () => removePrivateDirectories(home.dataDir))
  const engine = await home.start()
  const { client } = engine
  await prepare(client)
  await discover(client)
  await client.createPool({ body: { name: POOL, driver: "btrfs", sizeBytes: sizes.poolBytes } })
  const doorbell = openDoorbell(client)
  for (const [name, source] of [[TINY, tiny], [MAIN, server]] as const) {
    await succeeded(client, (await client.linkDsource({ body: { ...(await linkRequest(client, source, name)), pool: POOL } })).job)
  }
  const pool = join(home.dataDir, "pools", POOL)
  const vdbConfiguration = await configurationOfVdb(client, home.dataDir)
  const hand = await ByHand.prepare({ pool, bin, folder: join(sandbox.path, "hand"), vdbConfiguration, signal })
  return { sandbox, sizes, bin, server, tiny, home, engine, client, doorbell, pool, hand, signal, say }
}

/** What the plugin writes for a VDB that asks for nothing special. */
async function configurationOfVdb(client: Client, dataDir: string): Promise<string> {
  const { vdb, job } = await client.provisionVdb({ body: { name: "pattern", from: TINY } })
  await succeeded(client, job)
  const text = await readFile(join(dataDir, "mnt/vdb", vdb.id, "veneer/postgresql.conf"), "utf8")
  await succeeded(client, await client.deleteVdb({ params: { id: vdb.id } }))
  return text
}

/** The dataset that VDBs of a snapshot are cloned from, below the pool. */
export async function imageOf({ client }: Bench, owner: { dsource: string } | { vdb: string }): Promise<string> {
  const [newest] = (await client.listSnapshots({ query: { ...owner, limit: 1 } })).items
  if (newest?.state !== "published") throw new Error(`No published snapshot of ${JSON.stringify(owner)}.`)
  return `image/${newest.id}`
}

/** Deletes VDBs. */
export async function drop({ client }: Pick<Bench, "client">, ...names: string[]): Promise<void> {
  await Promise.all(names.map(async (id) => succeeded(client, await client.deleteVdb({ params: { id } }))))
}

/** What VDBs and dSources that were not deleted have outside of the sandbox: named by their ids, as their mounts are. */
async function removePrivateDirectories(dataDir: string): Promise<void> {
  for (const kind of ["vdb", "dsource", "publish"]) {
    for (const id of await readdir(join(dataDir, "mnt", kind)).catch(() => [])) await rm(`/tmp/veneer-${id}`, { recursive: true, force: true })
  }
}

/** What the figures were taken on. */
export function machine(): Record<string, string | number> {
  const postgres = BIN === undefined ? "none" : execFileSync(join(BIN, "postgres"), ["--version"], { encoding: "utf8" }).trim()
  return { cpus: cpus().length, cpu: cpus()[0]?.model ?? "unknown", memoryBytes: totalmem(), kernel: release(), node: process.version, postgres, load: Number(loadavg()[0]?.toFixed(2)) }
}
