import { inTransaction, type Catalog } from "../catalog/catalog.ts"
import { deleteDsource } from "../catalog/dsources.ts"
import { newId } from "../catalog/ids.ts"
import { findJob, insertJob, type JobRecord, type JobSubject } from "../catalog/jobs.ts"
import { deleteVdb } from "../catalog/vdbs.ts"
import { EngineError } from "../errors.ts"
import type { Engine } from "./engine.ts"

/** A job to be made. */
export interface Wanted {
  kind: string
  subject: JobSubject
  /** Besides the subject's own. */
  locks?: readonly string[]
  request?: Record<string, unknown>
}

/**
 * Writes a job, and whatever `prepare` writes, in one transaction, and wakes the queue.
 * @param prepare the object's own change: all of it is written together with the job, or nothing
 */
export async function requestJob(engine: Engine, { kind, subject, locks = [], request = {} }: Wanted, prepare?: (catalog: Catalog) => Promise<void>): Promise<JobRecord> {
  const id = newId()
  const job = await inTransaction(engine.catalog, async (catalog) => {
    await prepare?.(catalog)
    await insertJob(catalog, { id, kind, request: { ...request, id: subject.id }, subject, locks: [lockOf(subject.kind, subject.id), ...locks] })
    return findJob(catalog, id)
  })
  engine.poke()
  if (!job) throw new EngineError("internal", `Job ${id} is gone right after it was written.`)
  return job
}

/** Undoes the request of a job that ended before its first step: there is no object without the job that makes it. */
export async function unbegun(catalog: Catalog, { kind, subject }: JobRecord): Promise<void> {
  if (kind === "link") await deleteDsource(catalog, subject.id)
  if (kind === "provision" || kind === "create") await deleteVdb(catalog, subject.id)
}

/** What jobs on one object exclude each other by. */
export const lockOf = (kind: JobSubject["kind"], id: string): string => `${kind}/${id}`
