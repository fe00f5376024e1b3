import { inTransaction, type Catalog } from "../catalog/catalog.ts"
import { deleteDsource } from "../catalog/dsources.ts"
import { newId } from "../catalog/ids.ts"
import { insertJob, type JobRecord, type JobSubject } from "../catalog/jobs.ts"
import { insertTimeflow } from "../catalog/snapshots.ts"
import { deleteVdb, insertVdb, type NewVdb, type VdbRecord } from "../catalog/vdbs.ts"
import { EngineError } from "../errors.ts"
import { holdAccepted, type Accepted } from "./accept.ts"
import type { Engine } from "./engine.ts"
import { endWorkers } from "./worker.ts"

/** A job to be made. */
export interface Wanted {
  kind: string
  subject: JobSubject
  /** Besides the subject's own. */
  locks?: readonly string[]
  /** What of it a plugin's schema was asked about. */
  accepted?: Accepted
  request?: Record<string, unknown>
}

/**
 * Writes a job, and whatever `prepare` writes, in one transaction, and wakes the queue.
 * @param prepare the object's own change: all of it is written together with the job, or nothing
 */
export async function requestJob(engine: Engine, wanted: Wanted, prepare: (catalog: Catalog) => Promise<void> = async () => undefined): Promise<JobRecord> {
  return (await requestWith(engine, wanted, prepare)).job
}

/** Writes a new VDB, its first timeflow and the job that makes it. @throws EngineError `name_taken` */
export async function requestVdb(engine: Engine, kind: "provision" | "create", accepted: Accepted, vdb: NewVdb, locks: readonly string[] = []): Promise<{ vdb: VdbRecord; job: JobRecord }> {
  const { id, name } = vdb
  const { made, job } = await requestWith(engine, { kind, subject: { kind: "vdb", id, name }, accepted, locks }, async (catalog) => {
    const inserted = await insertVdb(catalog, vdb)
    if (!inserted) throw new EngineError("name_taken", `There is a VDB called "${name}".`)
    await insertTimeflow(catalog, { id, owner: { kind: "vdb", id }, reason: kind })
    return inserted
  })
  return { vdb: made, job }
}

async function requestWith<T>(engine: Engine, { kind, subject, locks = [], accepted, request = {} }: Wanted, prepare: (catalog: Catalog) => Promise<T>): Promise<{ made: T; job: JobRecord }> {
  const slot = engine.slot()
  const held = [lockOf(subject.kind, subject.id), ...locks]
  let claimed: JobRecord | undefined
  try {
    const written = await inTransaction(engine.catalog, async (catalog) => {
      if (accepted) await holdAccepted(catalog, accepted)
      const made = await prepare(catalog)
      const job = await insertJob(catalog, { id: newId(), kind, request: { ...request, id: subject.id }, subject, locks: held })
      return { made, job, claimed: await slot?.claim(catalog, job.id) }
    })
    claimed = written.claimed
    if (!claimed) await endWorkers(engine, held)
    return { made: written.made, job: claimed ?? written.job }
  } finally {
    slot?.run(claimed)
  }
}

/** Undoes the request of a job that ended before its first step: there is no object without the job that makes it. */
export async function unbegun(catalog: Catalog, { kind, subject }: JobRecord): Promise<void> {
  if (kind === "link") await deleteDsource(catalog, subject.id)
  if (kind === "provision" || kind === "create") await deleteVdb(catalog, subject.id)
}

/** What jobs on one object exclude each other by. */
export const lockOf = (kind: JobSubject["kind"], id: string): string => `${kind}/${id}`
