import type { Catalog } from "./catalog.ts"

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

export async function findToken({ db }: Catalog, hash: string): Promise<TokenRecord | undefined> {
  const row = await db.selectFrom("tokens").select(["id", "name", "created_at"]).where("hash", "=", hash).executeTakeFirst()
  return row && { id: row.id, name: row.name, createdAt: row.created_at }
}

/** What a POST with an Idempotency-Key answered, or that its first call is still under way. */
export interface RememberedReply {
  /** The request it belongs to: method, path and a digest of its body. */
  request: string
  status: number | undefined
  body: object | undefined
}

/** Remembers that a request with this key began. @returns the earlier one, if there was one */
export async function beginIdempotent({ db }: Catalog, tokenId: string, key: string, request: string): Promise<RememberedReply | undefined> {
  const begun = await db.insertInto("idempotency").values({ token_id: tokenId, key, request }).onConflict((conflict) => conflict.doNothing()).executeTakeFirst()
  if ((begun.numInsertedOrUpdatedRows ?? 0n) > 0n) return undefined
  const row = await db.selectFrom("idempotency").selectAll().where("token_id", "=", tokenId).where("key", "=", key).executeTakeFirstOrThrow()
  return { request: row.request, status: row.status ?? undefined, body: row.body ?? undefined }
}

/** Remembers the answer; a failed request is forgotten, so that the key can be used again. */
export async function endIdempotent({ db }: Catalog, tokenId: string, key: string, reply: { status: number; body: object } | undefined): Promise<void> {
  if (reply) await db.updateTable("idempotency").set({ status: reply.status, body: JSON.stringify(reply.body) }).where("token_id", "=", tokenId).where("key", "=", key).execute()
  else await db.deleteFrom("idempotency").where("token_id", "=", tokenId).where("key", "=", key).execute()
}
