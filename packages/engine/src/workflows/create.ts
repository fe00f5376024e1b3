import { newId } from "../catalog/ids.ts"
import { deleteVdb, type VdbRecord } from "../catalog/vdbs.ts"
import type { Effect, Job } from "../jobs/job.ts"
import { acceptParameters } from "./accept.ts"
import { callIfOffered, callPlugin, vdbSubject } from "./call.ts"
import type { Engine } from "./engine.ts"
import { chooseRepository, theEnvironment, theVdb } from "./find.ts"
import { mountGeneration, recordState } from "./generation.ts"
import { runHook } from "./hooks.ts"
import { vdbDataset } from "./names.ts"
import { choosePool } from "./pool.ts"
import { holdReach } from "./reach.ts"
import { requestVdb, type NewVdbJob } from "./request.ts"
import type { CreateEmptyRequest } from "./requests.ts"
import { snapshotVdb } from "./snapshot.ts"
import { requireOffered } from "./state.ts"

/** Makes a running VDB that has no parent and begins empty. */
export async function requestCreateEmpty(engine: Engine, request: CreateEmptyRequest): Promise<NewVdbJob> {
  const pluginId = engine.plugins.manifest(request.plugin).id
  requireOffered(engine, pluginId, "virtual.initialize")
  const environment = await theEnvironment(engine, request.environment)
  holdReach(environment)
  const repository = await chooseRepository(engine, { pluginId, environment, repository: request.repository })
  const accepted = await acceptParameters(engine, pluginId, "virtualSource", request.parameters)
  const made = await requestVdb(engine, "create", accepted, {
    id: newId(), name: request.name, pluginId, repositoryId: repository.id, environmentId: environment.id, pool: await choosePool(engine, request.pool), snapshotId: undefined,
    parameters: accepted.value, hooks: request.hooks ?? {},
  })
  return { ...made, names: { environment, repository } }
}

export async function create(engine: Engine, job: Job, { id }: { id: string }): Promise<void> {
  const vdb = await theVdb(engine, id)
  const subject = await vdbSubject(engine, vdb)
  await job.step("create", emptyDataset(engine, vdb))
  const mounts = await job.step("mount", mountGeneration(engine, subject, vdb, "create"))
  const sourceConfig = await job.step("initialize", {
    run: (step) => callPlugin(engine, step, subject, "virtual.initialize", "create", { mounts }),
    undo: async (step) => void (await callIfOffered(engine, step, subject, "virtual.unconfigure", "rollback", { mounts })),
  })
  await runHook(engine, job, "configure-clone", subject, vdb, mounts)
  await job.step("record", recordState(engine, vdb, "active", sourceConfig))
  await snapshotVdb(engine, job, { ...vdb, sourceConfig }, mounts)
}

/** The VDB's first effect: undoing it undoes the request as well. */
function emptyDataset(engine: Engine, vdb: VdbRecord): Effect<null> {
  const storage = engine.pools.get(vdb.pool)
  return {
    run: async () => {
      await storage.create(vdbDataset(vdb))
      return null
    },
    undo: async () => {
      await storage.destroy(vdbDataset(vdb))
      await deleteVdb(engine.catalog, vdb.id)
    },
  }
}
