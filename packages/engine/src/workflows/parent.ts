import { findDsource, type DsourceRecord } from "../catalog/dsources.ts"
import { findSnapshot, type SnapshotOwner, type SnapshotRecord } from "../catalog/snapshots.ts"
import { theDsource, theSnapshot, theSourceConfig, theVdb } from "./find.ts"
import { findVdb, type VdbRecord } from "../catalog/vdbs.ts"
import { EngineError } from "../errors.ts"
import type { Effect, Job } from "../jobs/job.ts"
import { dsourceSubject, vdbSubject, type Subject } from "./call.ts"
import type { Engine } from "./engine.ts"
import { needsPublishing, publish } from "./publish.ts"
import { lockOf } from "./request.ts"

/** What a VDB is made from: a dSource or VDB with snapshots, and where that stands. */
export interface Parent {
  owner: SnapshotOwner & { name: string }
  pluginId: string
  environmentId: string
  /** The repository it is of. */
  repositoryId(): Promise<string>
  /** Its snapshot, where that is what was asked for. */
  snapshotId?: string
}

/** The dSource or VDB meant by its name or id, or by the id of a snapshot of its. */
export async function chooseParent(engine: Engine, from: string): Promise<Parent> {
  const dsource = await findDsource(engine.catalog, from)
  if (dsource) return dsourceAsParent(engine, dsource)
  const vdb = await findVdb(engine.catalog, from)
  if (vdb) return vdbAsParent(vdb)
  const snapshot = await findSnapshot(engine.catalog, from)
  if (!snapshot) throw new EngineError("not_found", `There is no dSource, VDB or snapshot "${from}".`, { action: "See `veneer dsource list` and `veneer vdb list`." })
  const { kind, id } = snapshot.owner
  const owner = kind === "dsource" ? dsourceAsParent(engine, await theDsource(engine, id)) : vdbAsParent(await theVdb(engine, id))
  return { ...owner, snapshotId: snapshot.id }
}

const dsourceAsParent = (engine: Engine, { id, name, pluginId, environmentId, sourceConfigId }: DsourceRecord): Parent => ({
  owner: { kind: "dsource", id, name }, pluginId, environmentId, repositoryId: async () => (await theSourceConfig(engine, sourceConfigId)).repositoryId,
})

const vdbAsParent = ({ id, name, pluginId, environmentId, repositoryId }: VdbRecord): Parent => ({
  owner: { kind: "vdb", id, name }, pluginId, environmentId, repositoryId: async () => repositoryId,
})

/** A job that has to publish a snapshot first is the only one that works on it. */
export const parentLocks = (engine: Engine, { pluginId, snapshot }: { pluginId: string; snapshot: SnapshotRecord }): string[] =>
  needsPublishing(engine, pluginId, snapshot) ? [lockOf("snapshot", snapshot.id)] : []

/**
 * The snapshot a VDB is about to be made from, with its published image: made now if nobody has before.
 * @param abandon what undoes the request itself when publishing fails
 */
export async function publishedParent(engine: Engine, job: Job, snapshot: SnapshotRecord, abandon: Effect<null>): Promise<SnapshotRecord> {
  if (snapshot.image !== undefined && !job.recorded("prepare")) return snapshot
  const subject = await ownerSubject(engine, snapshot)
  if (!needsPublishing(engine, subject.pluginId, snapshot) && !job.recorded("prepare")) return snapshot
  await job.step("prepare", abandon)
  await publish(engine, job, subject, snapshot)
  return theSnapshot(engine, snapshot.id)
}

async function ownerSubject(engine: Engine, { owner }: SnapshotRecord): Promise<Subject> {
  return owner.kind === "dsource" ? dsourceSubject(engine, await theDsource(engine, owner.id)) : vdbSubject(engine, await theVdb(engine, owner.id))
}

/** What a VDB's content came from. @throws EngineError `wrong_state` for one that began empty */
export function parentOf(vdb: VdbRecord): string {
  if (vdb.snapshotId === undefined) throw new EngineError("wrong_state", `"${vdb.name}" began empty and has no parent.`, { action: "Rewind it to one of its own snapshots instead." })
  return vdb.snapshotId
}
