import { MAIN, type Bench, type Outcome } from "./bench.ts"
import { openCatalog, type CatalogDatabase } from "./catalog-database.ts"
import { inTurn, msOf } from "./clock.ts"
import { compared, median, round } from "./report.ts"

const GOAL = 2
const LIMIT = 50
const PREFIX = "bench-"
const OF_ONE = "select * from snapshots where dsource_id = $1"
const ORDER = "order by taken_at desc, id desc"

/** Listings of a catalog with many snapshots against the same SQL by hand; then whether the first page stays as fast as it was. */
export async function catalogListing(bench: Bench): Promise<Outcome> {
  const { client, sizes } = bench
  const catalog = await openCatalog(bench)
  const { id: dsource } = await client.showDsource({ params: { id: MAIN } })
  const listed = (after?: string) => () => msOf(() => client.listSnapshots({ query: { dsource: MAIN, limit: LIMIT, ...(after !== undefined && { after }) } }))
  const byHand = (after?: string) => () => msOf(() => after === undefined
    ? catalog.query(`${OF_ONE} ${ORDER} limit ${LIMIT}`, [dsource])
    : catalog.query(`${OF_ONE} and (taken_at, id) < (select taken_at, id from snapshots where id = $2) ${ORDER} limit ${LIMIT}`, [dsource, after]))
  const turns = { ...sizes.many, runs: sizes.many.runs * 5 }
  try {
    // As many as fill a page, so that what is compared later is the same work.
    await fill(catalog, dsource, { from: 1, to: LIMIT })
    const early = await inTurn(turns, listed(), byHand())
    await fill(catalog, dsource, { from: LIMIT + 1, to: sizes.snapshots })
    await catalog.query("analyze snapshots")
    const first = await inTurn(turns, listed(), byHand())
    const middle = `${PREFIX}${Math.floor(sizes.snapshots / 2)}`
    const deep = await inTurn(turns, listed(middle), byHand(middle))
    const ratioOf = ({ ours, floor }: typeof first) => median(ours) / median(floor)
    return {
      figures: [compared({ name: "catalog-listing", unit: "ms", goal: GOAL }, ratioOf(deep) > ratioOf(first) ? deep : first)],
      details: {
        "catalog-listing": {
          snapshots: sizes.snapshots, page: LIMIT, figureIs: "the worse one of the first page and one in the middle",
          firstPage: inDetail(first), middlePage: inDetail(deep), firstPageOfFew: inDetail(early), growth: round(median(first.ours) / median(early.ours)),
        },
      },
    }
  } finally {
    await catalog.query("delete from snapshots where id like $1", [`${PREFIX}%`])
    await catalog.close()
  }
}

const inDetail = ({ ours, floor }: { ours: number[]; floor: number[] }) => ({ ours: round(median(ours)), floor: round(median(floor)), ratio: round(median(ours) / median(floor)) })

/** Copies of a real snapshot's row, each a minute older than the one before. */
async function fill(catalog: CatalogDatabase, dsource: string, { from, to }: { from: number; to: number }): Promise<void> {
  await catalog.query(
    `insert into snapshots (id, timeflow_id, dsource_id, pool, dataset, image, state, metadata, taken_at)
     select $2 || n, timeflow_id, dsource_id, pool, dataset, image, state, metadata, taken_at - n * interval '1 minute'
     from (select * from snapshots where dsource_id = $1 and id not like $2 || '%' order by taken_at limit 1) pattern, generate_series($3::int, $4::int) n`,
    [dsource, PREFIX, from, to],
  )
}
