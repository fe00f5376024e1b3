import { documentOf, propertyIn, type Schema } from "@veneer/sdk/values"
import type { JobRecord } from "../catalog/jobs.ts"
import { EngineError } from "../errors.ts"
import type { Job } from "../jobs/job.ts"
import type { PluginValue } from "../plugins/port.ts"
import { acceptParameters } from "./accept.ts"
import type { Engine } from "./engine.ts"
import { theDsource } from "./find.ts"
import { ingest } from "./ingest.ts"
import { requestJob } from "./request.ts"
import type { SyncRequest } from "./requests.ts"

/** Brings a dSource up to date; with `resync`, from scratch. */
export async function requestSync(engine: Engine, nameOrId: string, { resync, parameters }: SyncRequest): Promise<JobRecord> {
  const dsource = await theDsource(engine, nameOrId)
  if (dsource.state !== "active") {
    throw new EngineError("wrong_state", `The dSource "${dsource.name}" is ${dsource.state}.`, {
      action: dsource.state === "disabled" ? `Run \`veneer dsource enable ${dsource.name}\` first.` : "Wait for the job that works on it.",
    })
  }
  const schema = engine.plugins.manifest(dsource.pluginId).schemas.snapshotParameters
  const accepted = await acceptParameters(engine, dsource.pluginId, "snapshotParameters", withResync(schema, parameters, resync))
  return requestJob(engine, { kind: "sync", subject: { kind: "dsource", id: dsource.id, name: dsource.name }, accepted, request: { resync, parameters: accepted.value } })
}

/** A person's snapshot parameters with `resync`, if the schema has such a property; a handler hears of it in any case. */
export function withResync(schema: Schema, parameters: unknown, resync: boolean): object {
  const given = typeof parameters === "object" && parameters !== null ? parameters : {}
  return propertyIn(documentOf(schema), schema, "resync") === undefined ? given : { ...given, resync }
}

export async function sync(engine: Engine, job: Job, { id, resync, parameters }: { id: string; resync: boolean; parameters?: PluginValue }): Promise<void> {
  await ingest(engine, job, await theDsource(engine, id), { first: false, resync, parameters })
}
