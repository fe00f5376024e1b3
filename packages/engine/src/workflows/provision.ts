import type { MountSpecification } from "@veneer/sdk"
import { deleteVdb, type VdbRecord } from "../catalog/vdbs.ts"
import { newId } from "../catalog/ids.ts"
import type { SnapshotRecord } from "../catalog/snapshots.ts"
import type { Effect, Job } from "../jobs/job.ts"
import { acceptParameters } from "./accept.ts"
import { vdbSubject, type Subject } from "./call.ts"
import type { Engine } from "./engine.ts"
import { chooseRepository, chooseSnapshot, theEnvironment, theSnapshot, theVdb } from "./find.ts"
import { cloneGeneration, configure, mountGeneration, recordState } from "./generation.ts"
import { runHook } from "./hooks.ts"
import { askWhere } from "./mounts.ts"
import { chooseParent, parentLocks, parentOf, publishedParent } from "./parent.ts"
import { holdReach } from "./reach.ts"
import { requestVdb, type NewVdbJob } from "./request.ts"
import type { ProvisionRequest } from "./requests.ts"
import { snapshotVdb } from "./snapshot.ts"

/** Makes a running VDB from a snapshot. */
export async function requestProvision(engine: Engine, request: ProvisionRequest): Promise<NewVdbJob> {
  const parent = await chooseParent(engine, request.from)
  const { owner, pluginId } = parent
  const [snapshot, environment, like] = await Promise.all([
    chooseSnapshot(engine, owner, parent.snapshotId ?? request.at), theEnvironment(engine, request.environment ?? parent.environmentId), parent.repositoryId(),
  ])
  holdReach(environment)
  const repository = await chooseRepository(engine, { pluginId, environment, repository: request.repository, like })
  const accepted = await acceptParameters(engine, pluginId, "virtualSource", request.parameters)
  const made = await requestVdb(engine, "provision", accepted, {
    id: newId(), name: request.name, pluginId, repositoryId: repository.id, environmentId: environment.id, pool: snapshot.pool, snapshotId: snapshot.id,
    parameters: accepted.value, hooks: request.hooks ?? {},
  }, parentLocks(engine, { pluginId, snapshot }))
  return { ...made, names: { environment, repository, parent: { ...owner, snapshot: snapshot.id } } }
}

export async function provision(engine: Engine, job: Job, { id }: { id: string }): Promise<void> {
  const vdb = await theVdb(engine, id)
  const [subject, parent] = await Promise.all([vdbSubject(engine, vdb), theSnapshot(engine, parentOf(vdb))])
  const snapshot = await publishedParent(engine, job, parent, forget(engine, vdb))
  const where = await job.step("clone", cloneVdb(engine, subject, vdb, snapshot))
  const mounts = await job.step("mount", mountGeneration(engine, subject, vdb, "provision", where))
  const sourceConfig = await job.step("configure", configure(engine, subject, mounts, { snapshot, reason: "provision" }))
  await runHook(engine, job, "configure-clone", subject, vdb, mounts)
  await job.step("record", recordState(engine, vdb, "active", sourceConfig))
  await snapshotVdb(engine, job, { ...vdb, sourceConfig }, mounts)
}

/** The VDB's first effect: undoing it undoes the request as well. Meanwhile the plugin says where it wants the clone. */
function cloneVdb(engine: Engine, subject: Subject, vdb: VdbRecord, snapshot: SnapshotRecord): Effect<MountSpecification> {
  const clone = cloneGeneration(engine, vdb, snapshot)
  return {
    run: async (step) => (await Promise.all([askWhere(engine, step, subject, "provision"), clone.run(step)]))[0],
    undo: async (step) => {
      await clone.undo?.(step)
      await deleteVdb(engine.catalog, vdb.id)
    },
  }
}

const forget = (engine: Engine, vdb: VdbRecord): Effect<null> => ({ run: async () => null, undo: async () => deleteVdb(engine.catalog, vdb.id) })
