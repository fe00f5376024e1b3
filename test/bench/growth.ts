import { succeeded } from "../support/engine.ts"
import { provision as provisionWhole, urlOf } from "../support/estate.ts"
import { queryUrl } from "../support/server.ts"
import { drop, TINY, type Bench, type Outcome } from "./bench.ts"
import { inTurn } from "./clock.ts"
import { provisionVdb } from "./ours.ts"
import { compared, round, type FigureName } from "./report.ts"

const GROWTH_GOAL = 1.1
const MB_OF_ROWS = "select string_agg(md5(random()::text || n), '') as filler from generate_series(1, 240) n, generate_series(1, 128) page group by page"

/** Whether a provision takes longer from a larger image. */
export async function growthInSize(bench: Bench): Promise<Outcome> {
  const [small, large] = bench.sizes.growthMegabytes
  const values = await compareImages(bench, { name: "size-small", fill: fill(small) }, { name: "size-large", fill: fill(large) })
  return outcome("provision-growth-size", values, { smallMegabytes: small, largeMegabytes: large })
}

const fill = (megabytes: number) => async (url: string) => {
  await queryUrl(url, "create table filler (filler text); alter table filler alter column filler set storage external")
  await queryUrl(url, `insert into filler select filler from generate_series(1, ${megabytes}) megabyte, lateral (${MB_OF_ROWS}) rows`)
}

/** Whether a provision takes longer from an image of more files. */
export async function growthInFiles(bench: Bench): Promise<Outcome> {
  const addTables = async (url: string) => {
    // A table without columns that could be stored apart is one file; many to a transaction would need as many locks.
    await queryUrl(url, "create procedure tables(wanted int) language plpgsql as $$ begin for n in 1 .. wanted loop execute format('create table file_%s (n int)', n); if n % 500 = 0 then commit; end if; end loop; end $$")
    await queryUrl(url, `call tables(${bench.sizes.growthFiles})`)
  }
  const values = await compareImages(bench, { name: "files-few", fill: async () => undefined }, { name: "files-many", fill: addTables })
  return outcome("provision-growth-files", values, { more: bench.sizes.growthFiles })
}

interface Seed {
  name: string
  fill: (url: string) => Promise<unknown>
}

/** Provisions of the large image in turn with the small one's. */
async function compareImages(bench: Bench, small: Seed, large: Seed): Promise<{ ours: number[]; floor: number[] }> {
  for (const seed of [small, large]) await grow(bench, seed)
  const made: string[] = []
  const once = (from: string) => async () => {
    const { id, ms } = await provisionVdb(bench, { name: `${from}-${made.length}`, from })
    made.push(id)
    return ms
  }
  // The warming first pair also publishes both images.
  const taken = await inTurn(bench.sizes.few, once(large.name), once(small.name))
  await drop(bench, ...made)
  await drop(bench, small.name, large.name)
  return taken
}

/** A VDB with more in it, and a snapshot of that. It needs no durability while it is filled. */
async function grow(bench: Bench, { name, fill }: Seed): Promise<void> {
  const { client } = bench
  bench.say(`filling ${name}`)
  await provisionWhole(client, name, TINY, { durability: "disposable" })
  await fill(await urlOf(client, name))
  await succeeded(client, await client.snapshotVdb({ params: { id: name } }))
}

function outcome(name: FigureName, values: { ours: number[]; floor: number[] }, sizes: Record<string, number>): Outcome {
  const details = { ...sizes, floorIs: "our own provision of the small image", ours: values.ours.map(round), floor: values.floor.map(round) }
  return { figures: [compared({ name, unit: "ms", goal: GROWTH_GOAL }, values)], details: { [name]: details } }
}
