import { findVdb, listVdbs } from "../../catalog/vdbs.ts"
import { vdbDataset } from "../../workflows/names.ts"
import type { NewVdbJob } from "../../workflows/request.ts"
import type { ApiContext, Handlers } from "../context.ts"
import { page } from "../paging.ts"
import { Wake } from "../sse.ts"
import { newJobView } from "../views/jobs.ts"
import { Lookups } from "../views/lookups.ts"
import { vdbView } from "../views/objects.ts"
import { found } from "./found.ts"

type Operations =
  | "listVdbs" | "provisionVdb" | "createEmptyVdb" | "showVdb" | "startVdb" | "stopVdb" | "enableVdb" | "disableVdb" | "snapshotVdb"
  | "refreshVdb" | "rewindVdb" | "deleteVdb" | "showVdbStatus" | "showVdbUsage" | "showVdbAccess"

/** @param stopping aborted when the engine stops, which ends all waiting */
export function vdbHandlers({ engine, verbs, changes }: ApiContext, stopping: AbortSignal): Handlers<Operations> {
  const { catalog, pools } = engine
  const show = async (id: string) => found(await findVdb(catalog, id), "VDB", id)
  const made = async ({ vdb, job, names }: NewVdbJob) => ({ vdb: await vdbView(vdb, new Lookups(catalog, names)), job: newJobView(job) })
  /** Waits while a VDB is being made. @returns it as it then is */
  const untilMade = async (id: string, seconds: number) => {
    const end = performance.now() + seconds * 1000
    const wake = new Wake()
    const unsubscribe = changes.onEvents(wake.poke)
    try {
      for (;;) {
        const vdb = await show(id)
        if (vdb.state !== "creating" || performance.now() >= end || stopping.aborted) return vdb
        await wake.next(stopping, end - performance.now())
      }
    } finally {
      unsubscribe()
    }
  }
  return {
    listVdbs: async ({ query }) => {
      const lookups = new Lookups(catalog)
      const { items, ...rest } = await page(query, (part) => listVdbs(catalog, part), (id) => findVdb(catalog, id))
      return { ...rest, items: await Promise.all(items.map((item) => vdbView(item, lookups))) }
    },
    provisionVdb: async ({ body }) => made(await verbs.provision({ ...body, parameters: body.parameters ?? {} })),
    createEmptyVdb: async ({ body }) => made(await verbs.createEmpty({ ...body, parameters: body.parameters ?? {} })),
    showVdb: async ({ params: { id } }) => vdbView(await show(id), new Lookups(catalog)),
    startVdb: async ({ params: { id } }) => newJobView(await verbs.startVdb(id)),
    stopVdb: async ({ params: { id } }) => newJobView(await verbs.stopVdb(id)),
    enableVdb: async ({ params: { id } }) => newJobView(await verbs.enableVdb(id)),
    disableVdb: async ({ params: { id } }) => newJobView(await verbs.disableVdb(id)),
    snapshotVdb: async ({ params: { id } }) => newJobView(await verbs.snapshotVdb(id)),
    refreshVdb: async ({ params: { id }, body }) => newJobView(await verbs.refresh(id, body)),
    rewindVdb: async ({ params: { id }, body }) => newJobView(await verbs.rewind(id, body)),
    deleteVdb: async ({ params: { id }, query: { force = false } }) => newJobView(await verbs.deleteVdb(id, { force })),
    showVdbStatus: async ({ params: { id } }) => verbs.vdbStatus(id),
    showVdbUsage: async ({ params: { id } }) => {
      const vdb = await show(id)
      return pools.get(vdb.pool).usage(vdbDataset(vdb))
    },
    showVdbAccess: async ({ params: { id }, query: { wait = 0 } }) => verbs.vdbAccess(await untilMade(id, wait)),
  }
}
