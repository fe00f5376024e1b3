import type { Catalog } from "../catalog/catalog.ts"
import { listDsources } from "../catalog/dsources.ts"
import { openJobs } from "../catalog/jobs.ts"
import { listSnapshots } from "../catalog/snapshots.ts"
import { listVdbs, type VdbRecord } from "../catalog/vdbs.ts"
import { imageDataset, liveDataset, publishDataset, snapshotDataset, vdbDataset } from "./names.ts"

/** The catalog holds no more objects of a kind than this machine can, so all are read. */
const ALL = Number.MAX_SAFE_INTEGER

/** A dataset an object can't do without. */
export interface Needed {
  dataset: string
  object: string
  action: string
}

/** What the catalog's objects own, need and should have attached. Objects a job works on may have more, or less. */
export interface Ownership {
  ownsDataset(pool: string, dataset: string): boolean
  /** @param owner `dsource/<id>` or `vdb/<id>` */
  exists(owner: string): boolean
  /** Datasets that may be mounted. */
  attached(pool: string): string[]
  needed(pool: string): Needed[]
  activeVdbs(): VdbRecord[]
}

/** Reads the ownership of everything as it is now. */
export async function ownership(catalog: Catalog): Promise<Ownership> {
  const [dsources, vdbs, snapshots, jobs] = await Promise.all([
    listDsources(catalog, { limit: ALL }), listVdbs(catalog, { limit: ALL }), listSnapshots(catalog, undefined, { limit: ALL }), openJobs(catalog),
  ])
  const busy = new Set(jobs.flatMap(({ locks }) => locks))
  const working = new Set(jobs.map(({ id }) => id))
  const settledDsources = dsources.filter(({ id }) => !busy.has(`dsource/${id}`))
  const settledVdbs = vdbs.filter(({ id }) => !busy.has(`vdb/${id}`))
  const owners = new Set([...dsources.map(({ id }) => `dsource/${id}`), ...vdbs.map(({ id }) => `vdb/${id}`)])
  const owned = new Set([
    ...settledDsources.map((dsource) => `${dsource.pool}:${liveDataset(dsource)}`),
    ...settledVdbs.map((vdb) => `${vdb.pool}:${vdbDataset(vdb)}`),
    ...snapshots.flatMap(({ pool, dataset, image }) => [`${pool}:${dataset}`, ...(image === undefined ? [] : [`${pool}:${image}`])]),
  ])
  /** A job may be about to need, or to remove, anything of what it works on. */
  const underWay = (dataset: string) => {
    const [kind = "", id = ""] = dataset.split("/")
    return busy.has(`${kind}/${id}`) || working.has(id) || busy.has(`snapshot/${id}`)
  }
  const attachedDsources = dsources.filter(({ id, state }) => busy.has(`dsource/${id}`) || state === "active")
  const attachedVdbs = vdbs.filter(({ id, state }) => busy.has(`vdb/${id}`) || state === "active" || state === "inactive")
  return {
    ownsDataset: (pool, dataset) => owned.has(`${pool}:${dataset}`) || underWay(dataset),
    exists: (owner) => owners.has(owner),
    attached: (pool) => [
      ...attachedDsources.filter((dsource) => dsource.pool === pool).map(liveDataset),
      ...attachedVdbs.filter((vdb) => vdb.pool === pool).flatMap((vdb) => [vdbDataset(vdb), vdbDataset({ ...vdb, generation: vdb.generation + 1 })]),
      ...snapshots.filter((snapshot) => snapshot.pool === pool && (working.has(snapshot.id) || busy.has(`snapshot/${snapshot.id}`))).map(({ id }) => publishDataset(id)),
    ],
    needed: (pool) => [
      ...settledDsources.filter((dsource) => dsource.pool === pool).map((dsource) => ({ dataset: liveDataset(dsource), object: dsource.name, action: `Run \`veneer dsource unlink ${dsource.name} --force\` and link it again.` })),
      ...settledVdbs.filter((vdb) => vdb.pool === pool).map((vdb) => ({ dataset: vdbDataset(vdb), object: vdb.name, action: `Run \`veneer vdb refresh ${vdb.name}\`, or delete it with --force.` })),
      ...snapshots.filter((snapshot) => snapshot.pool === pool).flatMap(({ id, image }) => {
        const action = `Run \`veneer snapshot delete ${id}\`.`
        const taken = { dataset: snapshotDataset(id), object: `snapshot ${id}`, action }
        return image === undefined ? [taken] : [taken, { dataset: imageDataset(id), object: `snapshot ${id}`, action }]
      }),
    ],
    activeVdbs: () => settledVdbs.filter(({ state }) => state === "active"),
  }
}
