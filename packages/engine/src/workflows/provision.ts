import { deleteVdb, insertVdb, type VdbRecord } from "../catalog/vdbs.ts"
import { newId } from "../catalog/ids.ts"
import type { JobRecord } from "../catalog/jobs.ts"
import { insertTimeflow, type SnapshotRecord } from "../catalog/snapshots.ts"
import { EngineError } from "../errors.ts"
import type { Effect, Job } from "../jobs/job.ts"
import { vdbSubject } from "./call.ts"
import type { Engine } from "./engine.ts"
import { chooseRepository, theEnvironment, theVdb } from "./find.ts"
import { cloneGeneration, configure, mountGeneration, recordState } from "./generation.ts"
import { runHook } from "./hooks.ts"
import { chooseParent, parentLocks, parentOf, publishedParent } from "./parent.ts"
import { requestJob } from "./request.ts"
import type { ProvisionRequest } from "./requests.ts"
import { snapshotVdb } from "./snapshot.ts"

/** Makes a running VDB from a snapshot. */
export async function requestProvision(engine: Engine, request: ProvisionRequest): Promise<{ vdb: VdbRecord; job: JobRecord }> {
  const parent = await chooseParent(engine, request.from, request.at)
  const { snapshot, pluginId } = parent
  const environment = await theEnvironment(engine, request.environment ?? parent.environmentId)
  const repository = await chooseRepository(engine, { pluginId, environment, repository: request.repository, like: parent.repositoryId })
  const id = newId()
  const vdb = {
    id, name: request.name, pluginId, repositoryId: repository.id, environmentId: environment.id, pool: snapshot.pool, snapshotId: snapshot.id,
    parameters: await engine.plugins.accept(pluginId, "virtualSource", request.parameters, "/parameters"), hooks: request.hooks ?? {},
  }
  const job = await requestJob(engine, { kind: "provision", subject: { kind: "vdb", id, name: request.name }, locks: parentLocks(engine, parent) }, async (catalog) => {
    if (!(await insertVdb(catalog, vdb))) throw new EngineError("name_taken", `There is a VDB called "${request.name}".`)
    await insertTimeflow(catalog, { id, owner: { kind: "vdb", id }, reason: "provision" })
  })
  return { vdb: await theVdb(engine, id), job }
}

export async function provision(engine: Engine, job: Job, { id }: { id: string }): Promise<void> {
  const vdb = await theVdb(engine, id)
  const subject = await vdbSubject(engine, vdb)
  const snapshot = await publishedParent(engine, job, parentOf(vdb), forget(engine, vdb))
  await job.step("clone", cloneVdb(engine, vdb, snapshot))
  const mounts = await job.step("mount", mountGeneration(engine, subject, vdb, "provision"))
  const sourceConfig = await job.step("configure", configure(engine, subject, mounts, { snapshot, reason: "provision" }))
  await runHook(engine, job, "configure-clone", subject, vdb, mounts)
  await job.step("record", recordState(engine, vdb, "active", sourceConfig))
  await snapshotVdb(engine, job, { ...vdb, sourceConfig }, mounts)
}

/** The VDB's first effect: undoing it undoes the request as well. */
function cloneVdb(engine: Engine, vdb: VdbRecord, snapshot: SnapshotRecord): Effect<null> {
  const clone = cloneGeneration(engine, vdb, snapshot)
  return {
    run: clone.run,
    undo: async (step) => {
      await clone.undo?.(step)
      await deleteVdb(engine.catalog, vdb.id)
    },
  }
}

const forget = (engine: Engine, vdb: VdbRecord): Effect<null> => ({ run: async () => null, undo: async () => deleteVdb(engine.catalog, vdb.id) })
