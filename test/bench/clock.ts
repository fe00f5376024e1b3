import { Client } from "pg"
import { median } from "./report.ts"

/** The moment at which a server answered a first `select 1` on a new connection. @throws when it does not within a minute */
export async function firstSelect(url: string): Promise<number> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 60_000 })
  // A server that is stopped under a connection says so here; whoever waits on the connection is told as well.
  client.on("error", () => undefined)
  try {
    await client.connect()
    await client.query("select 1")
    return performance.now()
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** How long something took, in milliseconds. */
export async function msOf(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

/** How often something is measured. */
export interface Turns {
  /** Pairs, as long as there is time. */
  runs: number
  /** After so long no further pair is begun, but two are taken at least. */
  budgetMs: number
}

/** Takes both in turn, so that whatever else the machine does hits both alike; a first pair warms up and is not counted. */
export async function inTurn({ runs, budgetMs }: Turns, ours: () => Promise<number>, floor: () => Promise<number>): Promise<{ ours: number[]; floor: number[] }> {
  const taken = { ours: [] as number[], floor: [] as number[] }
  const deadline = performance.now() + budgetMs
  for (let run = 0; run <= runs && (run <= 2 || performance.now() < deadline); run++) {
    const first = run % 2 === 0 ? await ours() : undefined
    const bare = await floor()
    const mine = first ?? (await ours())
    if (run === 0) continue
    taken.ours.push(mine)
    taken.floor.push(bare)
  }
  return taken
}

/** The one whose measure is nearest to the median. */
export function typical<T>(items: readonly T[], measure: (item: T) => number): T {
  const middle = median(items.map(measure))
  const [nearest] = items.toSorted((a, b) => Math.abs(measure(a) - middle) - Math.abs(measure(b) - middle))
  if (nearest === undefined) throw new Error("There is nothing typical of nothing.")
  return nearest
}
