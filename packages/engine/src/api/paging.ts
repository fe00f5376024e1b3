import { EngineError } from "../errors.ts"

const DEFAULT_LIMIT = 50

/** Which part of a collection is asked for. */
export interface PageQuery {
  limit?: number | undefined
  after?: string | undefined
}

export interface Page<T> {
  items: T[]
  next?: string
}

/** One page of what the catalog lists itself, in its own order. */
export async function page<T extends { id: string }>(
  { limit = DEFAULT_LIMIT, after }: PageQuery, list: (page: { after?: string | undefined; limit: number }) => Promise<T[]>, find: (id: string) => Promise<T | undefined>,
): Promise<Page<T>> {
  const rows = await list({ after, limit: limit + 1 })
  // An object deleted since the page before must not make the listing end as if it were complete.
  if (rows.length === 0 && after !== undefined && (await find(after))?.id !== after) throw gone()
  return cut(rows, limit, ({ id }) => id)
}

/** One page of a short collection that was read whole. */
export function pageOfAll<T>(all: readonly T[], { limit = DEFAULT_LIMIT, after }: PageQuery, keyOf: (item: T) => string): Page<T> {
  const start = after === undefined ? 0 : all.findIndex((item) => keyOf(item) === after) + 1
  if (after !== undefined && start === 0) throw gone()
  return cut(all.slice(start, start + limit + 1), limit, keyOf)
}

function cut<T>(rows: readonly T[], limit: number, keyOf: (item: T) => string): Page<T> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, ...(rows.length > limit && last !== undefined && { next: keyOf(last) }) }
}

const gone = () =>
  new EngineError("invalid_request", "The page after that one can't be told: its last object is gone.", {
    action: "List from the start.", faults: [{ pointer: "/after", message: "names nothing that is listed" }],
  })
