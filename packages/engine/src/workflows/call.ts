import type { DsourceRecord } from "../catalog/dsources.ts"
import type { EnvironmentRecord } from "../catalog/environments.ts"
import type { VdbRecord } from "../catalog/vdbs.ts"
import type { Step } from "../jobs/job.ts"
import type { CallContext, PluginValue, ResultOf } from "../plugins/port.ts"
import type { Reason } from "@veneer/sdk"
import type { Engine } from "./engine.ts"
import { theEnvironment, theRepository, theSourceConfig } from "./find.ts"
import { ownerOf } from "./names.ts"

/** A dSource or VDB with what its plugin's operations are given. */
export interface Subject {
  kind: "dsource" | "vdb"
  id: string
  name: string
  pluginId: string
  environment: EnvironmentRecord
  /** What every operation on it gets. */
  input: PluginValue
  /** The dataset that `run.sync` may fill, by path, during a direct ingest. */
  dataset?: string
}

/** Reads what the operations of a dSource are given. */
export async function dsourceSubject(engine: Engine, dsource: DsourceRecord): Promise<Subject> {
  const environment = await theEnvironment(engine, dsource.environmentId)
  const config = await theSourceConfig(engine, dsource.sourceConfigId)
  const repository = await theRepository(engine, config.repositoryId)
  const source = { id: dsource.id, name: dsource.name, parameters: dsource.parameters }
  return { kind: "dsource", id: dsource.id, name: dsource.name, pluginId: dsource.pluginId, environment, input: { source, repository: repository.definition, sourceConfig: config.definition } }
}

/** Reads what the operations of a VDB are given; `sourceConfig` is there once it has been configured. */
export async function vdbSubject(engine: Engine, vdb: VdbRecord): Promise<Subject> {
  const [environment, repository] = await Promise.all([theEnvironment(engine, vdb.environmentId), theRepository(engine, vdb.repositoryId)])
  const source = { id: vdb.id, name: vdb.name, parameters: vdb.parameters }
  return {
    kind: "vdb", id: vdb.id, name: vdb.name, pluginId: vdb.pluginId, environment,
    input: { source, repository: repository.definition, ...(vdb.sourceConfig && { sourceConfig: vdb.sourceConfig }) },
  }
}

/** Calls an operation of a subject's plugin from a step. */
export function callPlugin<O extends string>(engine: Engine, step: Step, subject: Subject, operation: O, reason: Reason, input: PluginValue = {}): Promise<ResultOf<O>> {
  return engine.plugins.call(subject.pluginId, operation, { ...subject.input, ...input }, contextOf(step, subject, reason))
}

/** The same for an optional operation that returns nothing; without it nothing happens. The null is for the job's record. */
export async function callIfOffered(engine: Engine, step: Step, subject: Subject, operation: string, reason: Reason, input: PluginValue = {}): Promise<null> {
  if (engine.plugins.offers(subject.pluginId, operation)) await callPlugin(engine, step, subject, operation, reason, input)
  return null
}

function contextOf(step: Step, subject: Subject, reason: Reason): CallContext {
  return {
    environment: subject.environment, reason, key: step.key, owner: ownerOf(subject.kind, subject.id), dataset: subject.dataset, signal: step.signal,
    log: (line) => step.log(line), progress: (progress) => step.progress(progress),
  }
}
