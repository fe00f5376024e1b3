import type { DsourceRecord } from "../catalog/dsources.ts"
import type { Job, Step } from "../jobs/job.ts"
import type { Subject } from "./call.ts"
import { isDirect } from "./direct.ts"
import type { Engine } from "./engine.ts"
import { mountEffect, mountsOf, type Mounts } from "./mounts.ts"
import { liveDataset } from "./names.ts"

/** Where a dSource's dataset is mounted now; undefined when it is not, as that of a direct plugin never is. */
export async function stagingMounts(engine: Engine, step: Step, subject: Subject, dsource: DsourceRecord): Promise<Mounts | undefined> {
  return isDirect(engine, dsource.pluginId) ? undefined : mountsOf(engine, step, subject, { pool: dsource.pool, dataset: liveDataset(dsource) })
}

/** Mounts a dSource's dataset for staging. The mount stays for as long as the dSource is enabled, so a failing sync leaves it. */
export async function mountStaging(engine: Engine, job: Job, subject: Subject, dsource: DsourceRecord, { undone = false } = {}): Promise<Mounts> {
  const effect = mountEffect(engine, subject, { pool: dsource.pool, dataset: liveDataset(dsource), reason: "sync" })
  return job.step("mount", undone ? effect : { run: effect.run })
}
