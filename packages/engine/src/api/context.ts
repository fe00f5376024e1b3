import type { Changes } from "../jobs/changes.ts"
import type { Engine } from "../workflows/engine.ts"
import type { Call, Body, Params, Query, Reply } from "./contract/routes.ts"
import type { Verbs } from "./verbs.ts"

/** What an engine says of itself. */
export interface About {
  id: string
  version: string
  startedAt: Date
  /** What it lacks, and what that costs. */
  warnings: readonly string[]
}

/** What routes work with. */
export interface ApiContext {
  engine: Pick<Engine, "catalog" | "pools" | "plugins" | "mountRoot">
  verbs: Verbs
  /** Cancels jobs. */
  queue: { cancel(id: string): Promise<boolean> }
  changes: Changes
  about: About
}

/** What an operation was asked, after validation. */
export interface Asked<K extends Call> {
  params: Params<K>
  query: Query<K>
  body: Body<K>
}

/** The code behind each of some operations. */
export type Handlers<K extends Call = Call> = { [P in K]: (asked: Asked<P>) => Promise<Reply<P>> }
