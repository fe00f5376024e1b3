import type { DsourceRecord } from "../../catalog/dsources.ts"
import type { EnvironmentRecord } from "../../catalog/environments.ts"
import type { SeenHealth } from "../../catalog/observed.ts"
import type { SnapshotRecord } from "../../catalog/snapshots.ts"
import type { RepositoryRecord, SourceConfigRecord } from "../../catalog/sources.ts"
import type { VdbRecord } from "../../catalog/vdbs.ts"
import { userOf, type SshSettings } from "../../environments/port.ts"
import type { Problem } from "../../errors.ts"
import type { Dsource } from "../contract/dsources.ts"
import type { Environment, Repository, SourceConfig } from "../contract/environments.ts"
import type { Snapshot } from "../contract/snapshots.ts"
import type { Vdb } from "../contract/vdbs.ts"
import type { Lookups } from "./lookups.ts"

/** A time that may be absent, as it is on the wire. */
export const time = (date: Date | undefined): string | undefined => date?.toISOString()

/** A problem as it is on the wire. */
export const problemView = ({ faults, ...problem }: Problem) => ({ ...problem, ...(faults && { faults: [...faults] }) })

const seenView = (health: SeenHealth | undefined) => health && { ...health, checkedAt: health.checkedAt.toISOString() }

export function environmentView(environment: EnvironmentRecord): Environment {
  const { id, name, kind, createdAt, refreshedAt } = environment
  return { id, name, kind, user: userOf(environment), ...(environment.kind === "ssh" && { ssh: sshView(environment.ssh) }), createdAt: createdAt.toISOString(), refreshedAt: time(refreshedAt) }
}

/** Of the login nothing but how it is done. */
function sshView({ host, port, user, hostKey, login }: SshSettings): Environment["ssh"] {
  return { host, port, user, hostKey, login: login.type, ...(login.type === "reference" && { reference: login.reference }) }
}

export async function repositoryView({ id, name, pluginId, environmentId, definition, vanishedAt }: RepositoryRecord, lookups: Lookups): Promise<Repository> {
  return { id, name, plugin: pluginId, environment: await lookups.environment(environmentId), definition, vanishedAt: time(vanishedAt) }
}

export async function sourceConfigView(config: SourceConfigRecord, lookups: Lookups): Promise<SourceConfig> {
  return { ...(await repositoryView(config, lookups)), repository: await lookups.repository(config.repositoryId), manual: config.manual }
}

export async function dsourceView(dsource: DsourceRecord, lookups: Lookups): Promise<Dsource> {
  const { id, name, pluginId, state, pool, parameters, hooks, health, sizeBytes, createdAt } = dsource
  const [sourceConfig, environment] = await Promise.all([lookups.sourceConfig(dsource.sourceConfigId), lookups.environment(dsource.environmentId)])
  return { id, name, plugin: pluginId, state, sourceConfig, environment, pool, parameters, hooks: { ...hooks }, health: seenView(health), sizeBytes, createdAt: createdAt.toISOString() }
}

export async function vdbView(vdb: VdbRecord, lookups: Lookups): Promise<Vdb> {
  const { id, name, pluginId, state, pool, generation, parameters, sourceConfig, hooks, health, sizeBytes, createdAt } = vdb
  const [environment, repository, parent] = await Promise.all([
    lookups.environment(vdb.environmentId), lookups.repository(vdb.repositoryId), vdb.snapshotId === undefined ? undefined : lookups.parent(vdb.snapshotId),
  ])
  return {
    id, name, plugin: pluginId, state, environment, repository, pool, parent, generation, parameters, sourceConfig, hooks: { ...hooks }, health: seenView(health), sizeBytes, createdAt: createdAt.toISOString(),
  }
}

export async function snapshotView(snapshot: SnapshotRecord, lookups: Lookups): Promise<Snapshot> {
  const { id, timeflowId, pool, state, metadata, problem, takenAt } = snapshot
  const owner = await lookups.owner(snapshot.owner)
  return { id, owner, timeflow: timeflowId, pool, state, metadata, problem: problem && problemView(problem), takenAt: takenAt.toISOString() }
}
