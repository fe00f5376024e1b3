import type { VdbRecord } from "../catalog/vdbs.ts"
import type { Effect } from "../jobs/job.ts"
import type { Subject } from "./call.ts"
import type { Engine } from "./engine.ts"
import type { Generation } from "./generation.ts"
import type { Mounts } from "./mounts.ts"
import { vdbDataset } from "./names.ts"
import { mountedVdb } from "./state.ts"

/** How a VDB was before a refresh or rewind; recorded, since the job itself changes it. */
export interface Before {
  generation: number
  active: boolean
  mounts: Mounts
}

export function before(engine: Engine, subject: Subject, vdb: VdbRecord): Effect<Before> {
  return { run: async (step) => ({ generation: vdb.generation, active: vdb.state === "active", mounts: await mountedVdb(engine, step, subject, vdb) }) }
}

/** Destroys a generation that nothing stands on any more. */
export function retire(engine: Engine, vdb: Generation): Effect<null> {
  return {
    run: async () => {
      await engine.pools.get(vdb.pool).destroy(vdbDataset(vdb))
      return null
    },
  }
}

/** A step that only marks a place in the record. */
export const nothing: Effect<null> = { run: async () => null }
