import { listPools, type PoolRecord } from "../../catalog/pools.ts"
import { problemOf } from "../../errors.ts"
import type { ApiContext, Handlers } from "../context.ts"
import type { Pool } from "../contract/pools.ts"
import { pageOfAll } from "../paging.ts"
import { problemView } from "../views/objects.ts"
import { found } from "./found.ts"

export function poolHandlers({ engine, verbs }: ApiContext): Handlers<"listPoolDrivers" | "listPools" | "createPool" | "showPool"> {
  const { catalog, pools } = engine
  const view = async ({ name, settings, createdAt }: PoolRecord): Promise<Pool> => {
    const { driver, device, sizeBytes } = settings
    const shown = { name, driver, device, sizeBytes, createdAt: createdAt.toISOString() }
    try {
      return { ...shown, capacity: await pools.get(name).capacity() }
    } catch (thrown) {
      // A pool that can't be reached is still listed, with the reason.
      return { ...shown, problem: problemView(problemOf(thrown)) }
    }
  }
  return {
    listPoolDrivers: async () => ({ items: await pools.probe() }),
    listPools: async ({ query }) => {
      const { items, ...rest } = pageOfAll(await listPools(catalog), query, ({ name }) => name)
      return { ...rest, items: await Promise.all(items.map(view)) }
    },
    createPool: async ({ body }) => view(await verbs.addPool(body)),
    showPool: async ({ params: { id } }) => view(found((await listPools(catalog)).find(({ name }) => name === id), "pool", id)),
  }
}
