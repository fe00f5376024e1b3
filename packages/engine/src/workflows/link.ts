import { deleteDsource, insertDsource, type DsourceRecord } from "../catalog/dsources.ts"
import { newId } from "../catalog/ids.ts"
import type { JobRecord } from "../catalog/jobs.ts"
import { insertTimeflow } from "../catalog/snapshots.ts"
import { EngineError } from "../errors.ts"
import type { Effect, Job } from "../jobs/job.ts"
import { acceptParameters } from "./accept.ts"
import { callIfOffered, dsourceSubject } from "./call.ts"
import { isDirect } from "./direct.ts"
import type { Engine } from "./engine.ts"
import { chooseSource, theDsource, theEnvironment } from "./find.ts"
import { unmountDataset } from "./mounts.ts"
import { liveDataset } from "./names.ts"
import { choosePool } from "./pool.ts"
import { holdReach } from "./reach.ts"
import { requestJob } from "./request.ts"
import type { LinkRequest } from "./requests.ts"
import { ingest } from "./ingest.ts"
import { stagingMounts } from "./staging.ts"

/** Makes a dSource of a source config and ingests it for the first time. */
export async function requestLink(engine: Engine, request: LinkRequest): Promise<{ dsource: DsourceRecord; job: JobRecord }> {
  const source = await chooseSource(engine, request.source, request.environment)
  if (source.vanishedAt) throw new EngineError("wrong_state", `The source "${source.name}" was not found any more at the last discovery.`, { action: "Run `veneer environment refresh` once it is back." })
  if (request.staging !== undefined && isDirect(engine, source.pluginId)) {
    throw new EngineError("invalid_request", `The plugin "${source.pluginId}" has no staging: the engine pulls from the source itself.`, { action: "Leave the staging environment out.", faults: [{ pointer: "/staging", message: "is not for a plugin with direct ingestion" }] })
  }
  const staging = await theEnvironment(engine, request.staging ?? source.environmentId)
  if (!isDirect(engine, source.pluginId)) holdReach(staging)
  const accepted = await acceptParameters(engine, source.pluginId, "linkedSource", request.parameters)
  const id = newId()
  const dsource = {
    id, name: request.name, pluginId: source.pluginId, sourceConfigId: source.id, environmentId: staging.id, pool: await choosePool(engine, request.pool),
    parameters: accepted.value, hooks: request.hooks ?? {},
  }
  const job = await requestJob(engine, { kind: "link", subject: { kind: "dsource", id, name: request.name }, accepted }, async (catalog) => {
    if (!(await insertDsource(catalog, dsource))) throw new EngineError("name_taken", `There is a dSource called "${request.name}".`)
    await insertTimeflow(catalog, { id, owner: { kind: "dsource", id }, reason: "link" })
  })
  return { dsource: await theDsource(engine, id), job }
}

export async function link(engine: Engine, job: Job, { id }: { id: string }): Promise<void> {
  const dsource = await theDsource(engine, id)
  await job.step("create", createDsource(engine, dsource))
  await ingest(engine, job, dsource, { first: true, resync: true })
}

/** The dSource's storage. Undoing it is undoing the whole dSource: a first ingestion that fails leaves nothing. */
function createDsource(engine: Engine, dsource: DsourceRecord): Effect<null> {
  const storage = engine.pools.get(dsource.pool)
  const live = liveDataset(dsource)
  return {
    run: async () => {
      await storage.create(live)
      return null
    },
    undo: async (step) => {
      const subject = await dsourceSubject(engine, dsource)
      const mounts = await stagingMounts(engine, step, subject, dsource)
      if (mounts) await callIfOffered(engine, step, subject, "linked.stopStaging", "delete", { mounts })
      await unmountDataset(engine, dsource.pool, live)
      await storage.destroy(live)
      await deleteDsource(engine.catalog, dsource.id)
    },
  }
}
