import { drop, imageOf, MAIN, type Bench, type Outcome } from "./bench.ts"
import { openCatalog } from "./catalog-database.ts"
import { inTurn, typical } from "./clock.ts"
import { provisionVdb, stepsOf, type Provisioned } from "./ours.ts"
import { compared, median, round } from "./report.ts"

/** A provision against a clone that is started by hand. */
export async function provision(bench: Bench): Promise<Outcome> {
  const image = await imageOf(bench, { dsource: MAIN })
  const provisions: Provisioned[] = []
  const taken = await inTurn(bench.sizes.many, async () => {
    const one = await provisionVdb(bench, { name: `provision-${provisions.length}`, from: MAIN })
    provisions.push(one)
    return one.ms
  }, async () => {
    const { ms, server } = await bench.hand.provision(image)
    await bench.hand.remove(server)
    return ms
  })
  await drop(bench, ...provisions.map(({ id }) => id))
  const counted = provisions.slice(1)
  const { job } = typical(counted, ({ ms }) => ms)
  const phase = (name: keyof Provisioned["phases"]) => round(median(counted.map(({ phases }) => phases[name])))
  return {
    figures: [compared({ name: "provision", unit: "ms", goal: 1.3 }, taken)],
    details: {
      provision: {
        all: { ours: taken.ours.map(round), floor: taken.floor.map(round) },
        phases: { answered: phase("answered"), address: phase("address"), select: phase("select") },
        steps: stepsOf(job),
        catalogCommits: await commitsOfOne(bench),
      },
    },
  }
}

/** Commits that write, counted in the catalog's own WAL: pg_stat_database learns of them up to ten seconds later, and counts reads too. */
async function commitsOfOne(bench: Bench): Promise<{ toSelect: number; toEnd: number }> {
  const catalog = await openCatalog(bench)
  try {
    const begin = await catalog.position()
    let select = begin
    const { id } = await provisionVdb(bench, { name: "commits", from: MAIN, ready: async () => (select = await catalog.position()) })
    const end = await catalog.position()
    await drop(bench, id)
    return { toSelect: await catalog.commits(begin, select), toEnd: await catalog.commits(begin, end) }
  } finally {
    await catalog.close()
  }
}
