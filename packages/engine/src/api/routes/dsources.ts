import { findDsource, listDsources } from "../../catalog/dsources.ts"
import { liveDataset } from "../../workflows/names.ts"
import type { ApiContext, Handlers } from "../context.ts"
import { page } from "../paging.ts"
import { newJobView } from "../views/jobs.ts"
import { Lookups } from "../views/lookups.ts"
import { dsourceView } from "../views/objects.ts"
import { found } from "./found.ts"

type Operations =
  | "listDsources" | "linkDsource" | "showDsource" | "syncDsource" | "enableDsource" | "disableDsource" | "deleteDsource" | "showDsourceStatus" | "showDsourceUsage"

export function dsourceHandlers({ engine, verbs }: ApiContext): Handlers<Operations> {
  const { catalog, pools } = engine
  const show = async (id: string) => found(await findDsource(catalog, id), "dSource", id)
  return {
    listDsources: async ({ query }) => {
      const lookups = new Lookups(catalog)
      const { items, ...rest } = await page(query, (part) => listDsources(catalog, part), (id) => findDsource(catalog, id))
      return { ...rest, items: await Promise.all(items.map((item) => dsourceView(item, lookups))) }
    },
    linkDsource: async ({ body }) => {
      const { dsource, job } = await verbs.link({ ...body, parameters: body.parameters ?? {} })
      return { dsource: await dsourceView(dsource, new Lookups(catalog)), job: newJobView(job) }
    },
    showDsource: async ({ params: { id } }) => dsourceView(await show(id), new Lookups(catalog)),
    syncDsource: async ({ params: { id }, body: { resync = false, parameters } }) => newJobView(await verbs.sync(id, { resync, parameters })),
    enableDsource: async ({ params: { id } }) => newJobView(await verbs.enableDsource(id)),
    disableDsource: async ({ params: { id } }) => newJobView(await verbs.disableDsource(id)),
    deleteDsource: async ({ params: { id }, query: { force = false } }) => newJobView(await verbs.deleteDsource(id, { force })),
    showDsourceStatus: async ({ params: { id } }) => verbs.dsourceStatus(id),
    showDsourceUsage: async ({ params: { id } }) => {
      const dsource = await show(id)
      return pools.get(dsource.pool).usage(liveDataset(dsource))
    },
  }
}
