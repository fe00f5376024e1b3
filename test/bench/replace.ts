import { setTimeout as delay } from "node:timers/promises"
import type { Job } from "@veneer/engine/client"
import { provision as provisionWhole, urlOf } from "../support/estate.ts"
import { drop, imageOf, MAIN, type Bench, type Outcome } from "./bench.ts"
import type { HandServer } from "./by-hand.ts"
import { firstSelect, inTurn, msOf, typical } from "./clock.ts"
import { replaceContent, stepsOf } from "./ours.ts"
import { compared, round } from "./report.ts"

const GOAL = 1.3
const GAP_GOAL = 0.2
const POLL_MS = 3
const VDB = "replaced"

/** What is asked of Veneer, and the image that it makes the new content of. */
interface Verb {
  ask: () => Promise<Job>
  image: () => Promise<string>
}

/** Refresh and rewind of a running VDB against stop, snapshot and start by hand, and the gap in service that a client sees. */
export async function replacements(bench: Bench): Promise<Outcome> {
  const { client, sizes } = bench
  const { id } = await provisionWhole(client, VDB, MAIN)
  const verbs: Record<"refresh" | "rewind", Verb> = {
    refresh: { ask: () => client.refreshVdb({ params: { id }, body: {} }), image: async () => imageOf(bench, { dsource: MAIN }) },
    rewind: { ask: async () => client.rewindVdb({ params: { id }, body: { at: await firstSnapshot(bench, id) } }), image: async () => `image/${await firstSnapshot(bench, id)}` },
  }
  const figures: Outcome["figures"] = []
  const details: Record<string, unknown> = {}
  for (const name of ["refresh", "rewind"] as const) {
    const { ask, image } = verbs[name]
    const replaced: Awaited<ReturnType<typeof replaceContent>>[] = []
    // A first rewind publishes the snapshot that both sides are then cloned from.
    await replaceContent(bench, id, ask)
    const bare = await byHand(bench, await image())
    const taken = await inTurn(sizes.many, async () => {
      const one = await replaceContent(bench, id, ask)
      replaced.push(one)
      return one.ms
    }, bare.replace)
    await bare.end()
    figures.push(compared({ name, unit: "ms", goal: GOAL }, taken))
    details[name] = { ours: taken.ours.map(round), floor: taken.floor.map(round), steps: stepsOf(typical(replaced.slice(1), ({ ms }) => ms).job) }
  }
  const bare = await byHand(bench, await verbs.refresh.image())
  const gaps = await inTurn(sizes.few, () => gapSeen(bench, id, verbs.refresh.ask), bare.start)
  await bare.end()
  figures.push(compared({ name: "refresh-gap", unit: "ms", goal: GAP_GOAL }, gaps))
  await drop(bench, id)
  return { figures, details }
}

/** The snapshot a VDB was given when it was provisioned. */
async function firstSnapshot({ client }: Bench, id: string): Promise<string> {
  const oldest = (await client.listSnapshots({ query: { vdb: id, limit: 100 } })).items.at(-1)
  if (!oldest) throw new Error("A VDB has a first snapshot.")
  return oldest.id
}

/** A server by hand whose content is replaced, or which is only started again. */
async function byHand({ hand }: Bench, image: string) {
  let server: HandServer = (await hand.provision(image)).server
  const replace = async () => {
    const place = await hand.place()
    const old = server
    const ms = await msOf(async () => {
      await hand.stop(old)
      await hand.clone(image, place)
      server = await hand.start(place)
      await firstSelect(place.url)
    })
    await hand.destroy(old.place.dataset)
    return ms
  }
  /** One start of a postmaster, to its first `select 1`, on a clone that is there. */
  const start = async () => {
    const place = await hand.place()
    await hand.clone(image, place)
    let started: HandServer | undefined
    const ms = await msOf(async () => {
      started = await hand.start(place)
      await firstSelect(place.url)
    })
    if (started) await hand.remove(started)
    return ms
  }
  return { replace, start, end: () => hand.remove(server) }
}

/** The longest time between two answers, for a client that connects again and again while a refresh runs. */
async function gapSeen(bench: Bench, id: string, ask: Parameters<typeof replaceContent>[2]): Promise<number> {
  const url = await urlOf(bench.client, id)
  const answers = [await firstSelect(url)]
  const over = new AbortController()
  const client = (async () => {
    while (!over.signal.aborted) {
      const answered = await firstSelect(url).catch(() => undefined)
      if (answered !== undefined) answers.push(answered)
      await delay(POLL_MS)
    }
  })()
  try {
    await replaceContent(bench, id, ask)
  } finally {
    over.abort()
    await client
  }
  return Math.max(...answers.slice(1).map((answer, index) => answer - (answers[index] ?? answer)))
}
