import { sql, type Selectable } from "kysely"
import type { Catalog } from "./catalog.ts"
import type { Tables } from "./schema.ts"

/** How long an answer can be had again with its key. */
const REMEMBERED_HOURS = 24
/** A first call without an answer for so long died with its engine. */
const UNDER_WAY_MINUTES = 15

/** A token, known by the hash of its text only. */
export interface TokenRecord {
  id: string
  name: string
  createdAt: Date
}

/** Keeps one token under a name; a former one of that name is replaced. */
export async function saveToken({ db }: Catalog, token: { id: string; name: string; hash: string }): Promise<void> {
  await db.insertInto("tokens").values(token).onConflict((conflict) => conflict.column("name").doUpdateSet({ hash: token.hash })).execute()
}

/** Adds a token. @returns undefined when the name is taken */
export async function insertToken({ db }: Catalog, token: { id: string; name: string; hash: string }): Promise<TokenRecord | undefined> {
  const row = await db.insertInto("tokens").values(token).onConflict((conflict) => conflict.doNothing()).returning(["id", "name", "created_at"]).executeTakeFirst()
  return row && tokenOf(row)
}

export async function findToken({ db }: Catalog, hash: string): Promise<TokenRecord | undefined> {
  const row = await db.selectFrom("tokens").select(["id", "name", "created_at"]).where("hash", "=", hash).executeTakeFirst()
  return row && tokenOf(row)
}

export async function listTokens({ db }: Catalog): Promise<TokenRecord[]> {
  return (await db.selectFrom("tokens").select(["id", "name", "created_at"]).orderBy("name").execute()).map(tokenOf)
}

/** Revokes a token by name or id. @returns whether there was one */
export async function deleteToken({ db }: Catalog, nameOrId: string): Promise<boolean> {
  const deleted = await db.deleteFrom("tokens").where((where) => where.or([where("id", "=", nameOrId), where("name", "=", nameOrId)])).executeTakeFirst()
  return deleted.numDeletedRows > 0n
}

const tokenOf = (row: Pick<Selectable<Tables["tokens"]>, "id" | "name" | "created_at">): TokenRecord => ({ id: row.id, name: row.name, createdAt: row.created_at })

/** What a POST with an Idempotency-Key answered, or that its first call is still under way. */
export interface RememberedReply {
  /** The request it belongs to: method, path and a digest of its body. */
  request: string
  status: number | undefined
  body: object | undefined
}

/** Remembers that a request with this key began. @returns the earlier one, if there was one */
export async function beginIdempotent({ db }: Catalog, tokenId: string, key: string, request: string): Promise<RememberedReply | undefined> {
  await db
    .deleteFrom("idempotency").where("token_id", "=", tokenId).where("key", "=", key)
    .where(sql<boolean>`created_at < now() - case when status is null then make_interval(mins => ${UNDER_WAY_MINUTES}) else make_interval(hours => ${REMEMBERED_HOURS}) end`)
    .execute()
  const begun = await db.insertInto("idempotency").values({ token_id: tokenId, key, request }).onConflict((conflict) => conflict.doNothing()).executeTakeFirst()
  if ((begun.numInsertedOrUpdatedRows ?? 0n) > 0n) return undefined
  const row = await db.selectFrom("idempotency").selectAll().where("token_id", "=", tokenId).where("key", "=", key).executeTakeFirst()
  // The first call failed between the two statements: this one is told to wait, as if it still ran.
  if (!row) return { request, status: undefined, body: undefined }
  return { request: row.request, status: row.status ?? undefined, body: row.body ?? undefined }
}

/** Remembers the answer; a failed request is forgotten, so that the key can be used again. */
export async function endIdempotent({ db }: Catalog, tokenId: string, key: string, reply: { status: number; body: object } | undefined): Promise<void> {
  if (reply) await db.updateTable("idempotency").set({ status: reply.status, body: JSON.stringify(reply.body) }).where("token_id", "=", tokenId).where("key", "=", key).execute()
  else await db.deleteFrom("idempotency").where("token_id", "=", tokenId).where("key", "=", key).execute()
}
