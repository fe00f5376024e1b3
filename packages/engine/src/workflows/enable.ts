import { moveDsource } from "../catalog/dsources.ts"
import type { JobRecord } from "../catalog/jobs.ts"
import { EngineError } from "../errors.ts"
import type { Job } from "../jobs/job.ts"
import { callIfOffered, dsourceSubject, vdbSubject } from "./call.ts"
import { isDirect } from "./direct.ts"
import type { Engine } from "./engine.ts"
import { theDsource, theVdb } from "./find.ts"
import { mountGeneration, reconfigure, recordState } from "./generation.ts"
import { requestJob } from "./request.ts"
import { mountStaging } from "./staging.ts"
import { observe, requireState } from "./state.ts"

/** Attaches a VDB again: mounts its data and brings it up. */
export async function requestEnable(engine: Engine, nameOrId: string): Promise<JobRecord> {
  const vdb = await theVdb(engine, nameOrId)
  requireState(vdb, "disabled", "active", "inactive")
  return requestJob(engine, { kind: "enable", subject: { kind: "vdb", id: vdb.id, name: vdb.name } })
}

export async function enable(engine: Engine, job: Job, { id }: { id: string }): Promise<void> {
  const vdb = await theVdb(engine, id)
  if (vdb.sourceConfig === undefined) throw new EngineError("wrong_state", `"${vdb.name}" was never configured.`, { action: `Run \`veneer vdb delete ${vdb.name}\`.` })
  const subject = await vdbSubject(engine, vdb)
  const mounts = await job.step("mount", mountGeneration(engine, subject, vdb, "enable"))
  const health = await job.step("observe", { run: async (step) => observe(engine, step, subject, mounts) })
  // Without a status operation nothing tells whether it runs, so it is brought up in any case.
  const running = health.state === "active" && engine.plugins.offers(vdb.pluginId, "virtual.status")
  const sourceConfig = running ? vdb.sourceConfig : await job.step("reconfigure", reconfigure(engine, subject, mounts, "enable"))
  await job.step("record", recordState(engine, vdb, "active", sourceConfig))
}

/** Attaches a dSource again, so that it can be synced. */
export async function requestDsourceEnable(engine: Engine, nameOrId: string): Promise<JobRecord> {
  const dsource = await theDsource(engine, nameOrId)
  requireState(dsource, "disabled", "active")
  return requestJob(engine, { kind: "dsource-enable", subject: { kind: "dsource", id: dsource.id, name: dsource.name } })
}

export async function dsourceEnable(engine: Engine, job: Job, { id }: { id: string }): Promise<void> {
  const dsource = await theDsource(engine, id)
  const subject = await dsourceSubject(engine, dsource)
  if (!isDirect(engine, dsource.pluginId)) {
    const mounts = await mountStaging(engine, job, subject, dsource, { undone: true })
    await job.step("start-staging", {
      run: (step) => callIfOffered(engine, step, subject, "linked.startStaging", "enable", { mounts }),
      undo: async (step) => void (await callIfOffered(engine, step, subject, "linked.stopStaging", "rollback", { mounts })),
    })
  }
  await job.step("record", { run: async () => moveDsource(engine.catalog, dsource.id, "active") })
}
