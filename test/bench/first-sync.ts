import { chown } from "node:fs/promises"
import { join } from "node:path"
import { execa } from "execa"
import { succeeded } from "../support/engine.ts"
import { linkRequest } from "../support/estate.ts"
import { POOL, type Bench, type Outcome } from "./bench.ts"
import { inTurn, msOf, typical } from "./clock.ts"
import { stepsOf } from "./ours.ts"
import { compared, round } from "./report.ts"
import type { Job } from "@veneer/engine/client"

const GOAL = 1.1
const SLOT = "veneer_bench"

/**
 * A first sync against `pg_basebackup` alone, on the same pool. Verification is counted apart: `pg_verifybackup` is timed
 * on the copy made by hand and taken off our time.
 */
export async function firstSync(bench: Bench): Promise<Outcome> {
  const { client, server } = bench
  const jobs: Job[] = []
  const verifications: number[] = []
  const taken = await inTurn(bench.sizes.few, async () => {
    const { dsource, job } = await client.linkDsource({ body: { ...(await linkRequest(client, server, "again")), pool: POOL } })
    const end = await succeeded(client, job)
    jobs.push(end)
    await succeeded(client, await client.deleteDsource({ params: { id: dsource.id } }))
    return stepsOf(end)["ingest"] ?? Number.NaN
  }, async () => {
    const { copied, verified } = await byHand(bench)
    verifications.push(verified)
    return copied
  })
  const verified = verifications.slice(1)
  const [{ bytes } = { bytes: 0 }] = await server.query<{ bytes: number }>("select sum(pg_database_size(oid))::float8 as bytes from pg_database")
  return {
    figures: [compared({ name: "first-sync", unit: "ms", goal: GOAL }, { ...taken, ours: taken.ours.map((ms, run) => ms - (verified[run] ?? 0)) })],
    details: {
      "first-sync": {
        databaseBytes: bytes, ingestStep: taken.ours.map(round), floor: taken.floor.map(round), verifybackupByHand: verified.map(round),
        oursIs: "the link's step ingest, which also starts the standby and brings it up to date, less pg_verifybackup by hand on the same data",
        steps: stepsOf(typical(jobs.slice(1), (job) => stepsOf(job)["ingest"] ?? 0)),
      },
    },
  }
}

async function byHand({ hand, bin, server }: Bench): Promise<{ copied: number; verified: number }> {
  const dataset = hand.path()
  await execa("btrfs", ["subvolume", "create", dataset])
  await chown(dataset, hand.owner.uid, hand.owner.gid)
  const data = join(dataset, "data")
  const { username, password } = server.replicator
  const options = { ...hand.owner, cwd: "/", env: { PGPASSWORD: password } }
  const conninfo = `host=127.0.0.1 port=${server.port} user=${username}`
  await server.query(`select pg_create_physical_replication_slot('${SLOT}', true)`)
  try {
    const copied = await msOf(() => execa(join(bin, "pg_basebackup"), ["-D", data, "-d", conninfo, "-w", "-F", "plain", "-X", "stream", "-S", SLOT, "-c", "fast", "-P"], options))
    const verified = await msOf(() => execa(join(bin, "pg_verifybackup"), ["-q", data], options))
    return { copied, verified }
  } finally {
    await server.query(`select pg_drop_replication_slot('${SLOT}')`)
    await hand.destroy(dataset)
  }
}
