import { inTransaction, type Catalog } from "../catalog/catalog.ts"
import { deleteDsource } from "../catalog/dsources.ts"
import { newId } from "../catalog/ids.ts"
import { insertJob, type JobRecord, type JobSubject } from "../catalog/jobs.ts"
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

/** A new VDB with the job that makes it, and what it points at, as an answer names it. */
export interface NewVdbJob {
  vdb: VdbRecord
  job: JobRecord
  names: { environment: Named; repository: Named; parent?: Named & { kind: "dsource" | "vdb"; snapshot: string } }
}

interface Named {
  id: string
  name: string
}

/** Writes a new VDB, its first timeflow and the job that makes it. @throws EngineError `name_taken` */
export async function requestVdb(engine: Engine, kind: "provision" | "create", accepted: Accepted, vdb: NewVdb, locks: readonly string[] = []): Promise<{ vdb: VdbRecord; job: JobRecord }> {
  const { id, name } = vdb
  const { made, job } = await requestWith(engine, { kind, subject: { kind: "vdb", id, name }, accepted, locks }, async (catalog) => {
    const inserted = await insertVdb(catalog, vdb, kind)
    if (!inserted) throw new EngineError("name_taken", `There is a VDB called "${name}".`)
    return inserted
  })
  return { vdb: made, job }
}

async function requestWith<T>(engine: Engine, { kind, subject, locks = [], accepted, request = {} }: Wanted, prepare: (catalog: Catalog) => Promise<T>): Promise<{ made: T; job: JobRecord }> {
  const slot = engine.slot()
  const held = [lockOf(subject.kind, subject.id), ...locks]
  let written: { made: T; job: JobRecord } | undefined
  try {
    written = await inTransaction(engine.catalog, async (catalog) => {
      if (accepted) await holdAccepted(catalog, accepted)
      const made = await prepare(catalog)
      return { made, job: await insertJob(catalog, { id: newId(), kind, request: { ...request, id: subject.id }, subject, locks: held }, slot?.claim) }
    })
    if (written.job.state === "queued") await endWorkers(engine, held)
    return written
  } finally {
    slot?.run(written?.job)
  }
}

/** Undoes the request of a job that ended before its first step: there is no object without the job that makes it. */
export async function unbegun(catalog: Catalog, { kind, subject }: JobRecord): Promise<void> {
  if (kind === "link") await deleteDsource(catalog, subject.id)
  if (kind === "provision" || kind === "create") await deleteVdb(catalog, subject.id)
}

/** What jobs on one object exclude each other by. */
export const lockOf = (kind: JobSubject["kind"], id: string): string => `${kind}/${id}`
