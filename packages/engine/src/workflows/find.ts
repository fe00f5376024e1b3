import type { DsourceRecord } from "../catalog/dsources.ts"
import { findDsource } from "../catalog/dsources.ts"
import { findEnvironment, type EnvironmentRecord } from "../catalog/environments.ts"
import { findSnapshot, latestSnapshot, snapshotAt, type SnapshotOwner, type SnapshotRecord } from "../catalog/snapshots.ts"
import { listRepositories, listSourceConfigs, type RepositoryRecord, type SourceConfigRecord } from "../catalog/sources.ts"
import { findVdb, type VdbRecord } from "../catalog/vdbs.ts"
import { EngineError } from "../errors.ts"
import type { Engine } from "./engine.ts"

const missing = (what: string, name: string) => new EngineError("not_found", `There is no ${what} "${name}".`)

export async function theEnvironment({ catalog }: Engine, nameOrId: string): Promise<EnvironmentRecord> {
  const found = await findEnvironment(catalog, nameOrId)
  if (!found) throw missing("environment", nameOrId)
  return found
}

export async function theDsource({ catalog }: Engine, nameOrId: string): Promise<DsourceRecord> {
  const found = await findDsource(catalog, nameOrId)
  if (!found) throw missing("dSource", nameOrId)
  return found
}

export async function theVdb({ catalog }: Engine, nameOrId: string): Promise<VdbRecord> {
  const found = await findVdb(catalog, nameOrId)
  if (!found) throw missing("VDB", nameOrId)
  return found
}

export async function theSnapshot({ catalog }: Engine, id: string): Promise<SnapshotRecord> {
  const found = await findSnapshot(catalog, id)
  if (!found) throw missing("snapshot", id)
  return found
}

export async function theRepository({ catalog }: Engine, id: string): Promise<RepositoryRecord> {
  const [found] = await listRepositories(catalog, { id })
  if (!found) throw missing("repository", id)
  return found
}

export async function theSourceConfig({ catalog }: Engine, id: string): Promise<SourceConfigRecord> {
  const [found] = await listSourceConfigs(catalog, { id })
  if (!found) throw missing("source", id)
  return found
}

/** A source config by name or id, of one environment where several have that name. */
export async function chooseSource(engine: Engine, nameOrId: string, environment: string | undefined): Promise<SourceConfigRecord> {
  const environmentId = environment === undefined ? undefined : (await theEnvironment(engine, environment)).id
  const found = await listSourceConfigs(engine.catalog, { nameOrId, environmentId })
  const [first] = found
  if (!first) throw new EngineError("not_found", `There is no source "${nameOrId}".`, { action: "Run `veneer environment refresh`, then see `veneer source list`." })
  if (found.length > 1) throw new EngineError("conflict", `${found.length} sources are called "${nameOrId}".`, { action: "Name its environment as well, or give its id." })
  return first
}

/** The repository a VDB runs on: the one named, else the only one that discovery found there and still finds. */
export async function chooseRepository(
  engine: Engine, { pluginId, environment, repository, like }: { pluginId: string; environment: EnvironmentRecord; repository: string | undefined; like?: string },
): Promise<RepositoryRecord> {
  const found = await listRepositories(engine.catalog, { pluginId, environmentId: environment.id })
  const present = found.filter((candidate) => candidate.vanishedAt === undefined)
  const fitting = repository === undefined ? present : present.filter(({ id, name }) => id === repository || name === repository)
  const same = fitting.find(({ id }) => id === like)
  if (same && repository === undefined) return same
  const [first] = fitting
  if (!first) {
    throw new EngineError("not_found", repository === undefined ? `Environment "${environment.name}" has no repository for the plugin "${pluginId}".` : `Environment "${environment.name}" has no repository "${repository}".`, {
      action: "Install the software there, run `veneer environment refresh`, then see `veneer repository list`.",
    })
  }
  if (fitting.length > 1) throw new EngineError("conflict", `Environment "${environment.name}" has ${fitting.length} repositories that fit.`, { action: "Name one: see `veneer repository list`." })
  return first
}

/** The snapshot meant by `latest`, an id, or a moment in RFC 3339 with a zone. */
export async function chooseSnapshot(engine: Engine, owner: SnapshotOwner & { name: string }, at = "latest"): Promise<SnapshotRecord> {
  const byId = at === "latest" ? undefined : await findSnapshot(engine.catalog, at)
  if (byId) {
    if (byId.owner.id !== owner.id) throw new EngineError("wrong_state", `Snapshot ${at} is not one of "${owner.name}".`, { action: `See \`veneer snapshot list ${owner.name}\`.` })
    return usable(byId)
  }
  const found = at === "latest" ? await latestSnapshot(engine.catalog, owner) : await snapshotAt(engine.catalog, owner, momentOf(at))
  if (!found) {
    throw new EngineError("not_found", `"${owner.name}" has no snapshot ${at === "latest" ? "that can be used" : `at or before ${at}`}.`, {
      action: owner.kind === "dsource" ? `Run \`veneer dsource sync ${owner.name}\` first.` : `Run \`veneer vdb snapshot ${owner.name}\` first.`,
    })
  }
  return found
}

function usable(snapshot: SnapshotRecord): SnapshotRecord {
  if (snapshot.state !== "publish_failed") return snapshot
  throw new EngineError("wrong_state", `Snapshot ${snapshot.id} could not be published: ${snapshot.problem?.message ?? "unknown reason"}`, { action: "Choose another snapshot, or sync again." })
}

function momentOf(text: string): Date {
  const moment = new Date(text)
  if (!/(Z|[+-]\d\d:?\d\d)$/.test(text) || Number.isNaN(moment.getTime())) {
    throw new EngineError("invalid_request", `"${text}" is neither \`latest\`, nor a snapshot's id, nor a moment with a zone.`, {
      action: "Give a moment such as 2026-03-01T09:30:00Z.", faults: [{ pointer: "/at", message: "not a snapshot, nor an RFC 3339 moment with a zone" }],
    })
  }
  return moment
}
