import { sql } from "kysely"
import type { Catalog } from "./catalog.ts"

/** Something that happened to an object. */
export interface CatalogEvent {
  /** Where a reader goes on: pass it to {@link eventsAfter}. */
  cursor: string
  at: Date
  /** `job`, `vdb`, `dsource`, `environment`, … and what happened: `vdb.state`. */
  kind: string
  subjectKind: string
  subjectId: string
  data: Record<string, unknown>
}

export type NewEvent = Pick<CatalogEvent, "kind" | "subjectKind" | "subjectId" | "data">

/** The channel on which engines tell each other that events were written (PostgreSQL manual, NOTIFY). */
export const EVENT_CHANNEL = "veneer_events"

/** Writes an event that no change of an object's own row tells of; engines that listen are told when the transaction commits. */
export async function insertEvent({ db }: Catalog, { kind, subjectKind, subjectId, data }: NewEvent): Promise<void> {
  await db.insertInto("events").values({ kind, subject_kind: subjectKind, subject_id: subjectId, data: JSON.stringify(data) }).execute()
}

/** The cursor of the newest event that can be read now. */
export async function newestCursor({ db }: Catalog): Promise<string> {
  const row = await db.selectFrom("events").select(["transaction", "id"]).where(isSettled()).orderBy("transaction", "desc").orderBy("id", "desc").limit(1).executeTakeFirst()
  return row ? cursorOf(row) : "0-0"
}

/** Events after a cursor, oldest first. Those of transactions that others may still precede wait for their turn. */
export async function eventsAfter({ db }: Catalog, cursor: string, limit: number): Promise<CatalogEvent[]> {
  const [transaction = "0", id = "0"] = cursor.split("-")
  const rows = await db
    .selectFrom("events")
    .selectAll()
    .where(sql<boolean>`(transaction, id) > (${transaction}::xid8, ${id}::bigint)`)
    .where(isSettled())
    .orderBy("transaction")
    .orderBy("id")
    .limit(limit)
    .execute()
  return rows.map((row) => ({ cursor: cursorOf(row), at: row.at, kind: row.kind, subjectKind: row.subject_kind, subjectId: row.subject_id, data: row.data }))
}

const isSettled = () => sql<boolean>`transaction < pg_snapshot_xmin(pg_current_snapshot())`

const cursorOf = (row: { transaction: string; id: number }): string => `${row.transaction}-${row.id}`
