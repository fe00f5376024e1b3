import { join } from "node:path"
import { imageOf, drop, MAIN, type Bench, type Outcome } from "./bench.ts"
import type { HandServer } from "./by-hand.ts"
import { msOf } from "./clock.ts"
import { provisionVdb, type Provisioned } from "./ours.ts"
import { usedBytes } from "./pool.ts"
import { enginePid, memoryOf, processesIn, residentOf } from "./processes.ts"
import { compared, median, round } from "./report.ts"

const AT_ONCE = 4

/** Many VDBs, four at a time, against as many by hand; then what each of them holds while nobody uses it. */
export async function fleet(bench: Bench): Promise<Outcome> {
  const { sizes, hand, pool, home } = bench
  const image = await imageOf(bench, { dsource: MAIN })
  const engine = await enginePid()
  const vdbs: Provisioned[] = []
  const servers: HandServer[] = []
  const bytes = [await usedBytes(pool)]
  const resident = await residentOf(engine)
  const ours = await msOf(() => atOnce(sizes.fleet, async (index) => void vdbs.push(await provisionVdb(bench, { name: `fleet-${index}`, from: MAIN }))))
  const grown = (await residentOf(engine)) - resident
  bytes.push(await usedBytes(pool))
  const firstSelects: number[] = []
  const floor = await msOf(() => atOnce(sizes.fleet, async () => {
    const { ms, server } = await hand.provision(image)
    firstSelects.push(ms)
    servers.push(server)
  }))
  bytes.push(await usedBytes(pool))
  const bare = await Promise.all(servers.map(async () => hand.place()))
  for (const place of bare) await hand.clone(image, place)
  bytes.push(await usedBytes(pool))
  const [oursBytes = 0, floorBytes = 0, cloneBytes = 0] = bytes.slice(1).map((after, index) => (after - (bytes[index] ?? after)) / sizes.fleet)
  const memory = {
    ours: await Promise.all(vdbs.map(async ({ id }) => memoryOf(await processesIn(join(home.dataDir, "mnt/vdb", id))))),
    floor: await Promise.all(servers.map(async ({ place }) => memoryOf(await processesIn(place.dataset)))),
  }
  for (const { dataset } of bare) await hand.destroy(dataset)
  for (const server of servers) await hand.remove(server)
  await drop(bench, ...vdbs.map(({ id }) => id))
  return {
    figures: [
      { ...compared({ name: "fleet", unit: "ms", goal: 1.5 }, { ours: [ours], floor: [floor] }), runs: sizes.fleet },
      { ...compared({ name: "idle-disk", unit: "bytes", goal: 1.2 }, { ours: [oursBytes], floor: [floorBytes] }), runs: sizes.fleet },
      compared({ name: "idle-memory", unit: "bytes", goal: 1.2 }, memory),
    ],
    details: {
      fleet: {
        vdbs: sizes.fleet, atOnce: AT_ONCE, aSecond: { ours: round((1000 * sizes.fleet) / ours), floor: round((1000 * sizes.fleet) / floor) },
        toFirstSelect: { ours: round(median(vdbs.map(({ ms }) => ms))), floor: round(median(firstSelects)) },
        engineGrowthBytesPerVdb: round(grown / sizes.fleet), oursIs: "until the last job's end, a VDB's first snapshot included",
      },
      "idle-disk": { floorIs: "the same clone started by hand", bareCloneBytes: round(cloneBytes) },
    },
  }
}

/** Does something so many times, four at a time. */
async function atOnce(times: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < times) await work(next++)
  }))
}
