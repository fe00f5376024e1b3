import type { DsourceRecord } from "../catalog/dsources.ts"
import type { Effect } from "../jobs/job.ts"
import type { Engine } from "./engine.ts"
import { formerDataset, liveDataset } from "./names.ts"

/** Whether the engine itself fills a plugin's dSources, on its own machine, so that none is ever mounted. */
export const isDirect = (engine: Engine, pluginId: string): boolean => engine.plugins.manifest(pluginId).ingestion === "direct"

/**
 * Begins a direct plugin's dataset anew. What it held is set aside until the new content is recorded: a later sync may count
 * on all of it being there.
 */
export function emptyLive(engine: Engine, dsource: DsourceRecord): Effect<null> {
  const storage = engine.pools.get(dsource.pool)
  const [live, former] = [liveDataset(dsource), formerDataset(dsource)]
  return {
    run: async () => {
      await storage.snapshot(live, former)
      await storage.destroy(live)
      await storage.create(live)
      return null
    },
    undo: async () => {
      if (!(await storage.list()).some(({ name }) => name === former)) return
      await storage.destroy(live)
      await storage.clone(former, live)
      await storage.destroy(former)
    },
  }
}

/** What was set aside is not needed once the new content is recorded. */
export const forgetFormer = (engine: Engine, dsource: DsourceRecord): Effect<null> => ({
  run: async () => {
    await engine.pools.get(dsource.pool).destroy(formerDataset(dsource))
    return null
  },
})
