import { join } from "node:path"
import { execa } from "execa"
import { succeeded } from "../support/engine.ts"
import type { Job } from "@veneer/engine/client"
import { MAIN, TINY, type Bench, type Outcome } from "./bench.ts"
import { inTurn, typical } from "./clock.ts"
import { stepsOf } from "./ours.ts"
import { usedBytes } from "./pool.ts"
import { compared, round } from "./report.ts"

const PAGE_BYTES = 8192
const BYTES_GOAL = 2
/** Time independent of size, as exactly as a small machine can tell. */
const IDLE_GOAL = 1.1

/** What a sync stores when 1 % of the rows changed, and what it costs when none did. */
export async function syncs(bench: Bench): Promise<Outcome> {
  await sync(bench, MAIN)
  const idle = await unchanged(bench)
  // Next to each other, where what comes on top shows; then spread over all pages, which no method can store in less.
  const clustered = await changed(bench, `aid <= ${bench.sizes.scale * 1000}`)
  const scattered = await changed(bench, "aid % 100 = 0")
  const { figure, ...rest } = idle
  return {
    figures: [compared({ name: "sync-bytes", unit: "bytes", goal: BYTES_GOAL }, { ours: [scattered.stored], floor: [scattered.pages + scattered.wal] }), figure],
    details: { "sync-bytes": { scattered: withRatio(scattered), clustered: withRatio(clustered) }, "sync-idle": rest },
  }
}

const withRatio = (bytes: Changed) => ({ ...bytes, ratio: round(bytes.stored / (bytes.pages + bytes.wal)) })

async function sync({ client }: Bench, id: string): Promise<Job> {
  return succeeded(client, await client.syncDsource({ params: { id }, body: {} }))
}

async function unchanged(bench: Bench) {
  const jobs: Job[] = []
  const timed = (dsource: string) => async () => {
    const begun = performance.now()
    const job = await sync(bench, dsource)
    if (dsource === MAIN) jobs.push(job)
    return performance.now() - begun
  }
  const before = await usedBytes(bench.pool)
  await sync(bench, MAIN)
  const storedBytes = (await usedBytes(bench.pool)) - before
  const taken = await inTurn(bench.sizes.few, timed(MAIN), timed(TINY))
  const figure = compared({ name: "sync-idle", unit: "ms", goal: IDLE_GOAL }, taken)
  return { figure, floorIs: "the same sync of an almost empty source", storedBytes, ours: taken.ours.map(round), floor: taken.floor.map(round), steps: stepsOf(typical(jobs, (job) => Date.parse(job.finishedAt ?? "") - Date.parse(job.createdAt))) }
}

interface Changed {
  /** Bytes the pool holds more after the sync, its snapshot and its image. */
  stored: number
  /** Bytes of the pages that the source changed. */
  pages: number
  wal: number
}

async function changed(bench: Bench, rows: string): Promise<Changed> {
  const { server, pool } = bench
  await server.query("vacuum pgbench_accounts", "pgbench")
  await server.query("checkpoint")
  await sync(bench, MAIN)
  const from = await position(bench)
  const before = await usedBytes(pool)
  await server.query(`update pgbench_accounts set abalance = abalance + 1 where ${rows}`, "pgbench")
  const to = await position(bench)
  await sync(bench, MAIN)
  const [{ wal } = { wal: 0 }] = await server.query<{ wal: number }>(`select pg_wal_lsn_diff('${to}', '${from}')::float8 as wal`)
  return { stored: (await usedBytes(pool)) - before, pages: (await changedPages(bench, from, to)) * PAGE_BYTES, wal }
}

async function position({ server }: Bench): Promise<string> {
  const [row] = await server.query<{ position: string }>("select pg_current_wal_flush_lsn() as position")
  return row?.position ?? ""
}

/** Pages that the source's WAL names between two positions, each once. */
async function changedPages({ bin, server }: Bench, from: string, to: string): Promise<number> {
  const pages = new Set<string>()
  const dump = execa(join(bin, "pg_waldump"), ["--path", join(server.data, "pg_wal"), "--start", from, "--end", to], { buffer: false, lines: true, stderr: "ignore" })
  for await (const line of dump) for (const [page] of line.matchAll(/rel \d+\/\d+\/\d+ (?:fork \w+ )?blk \d+/g)) pages.add(page)
  return pages.size
}
