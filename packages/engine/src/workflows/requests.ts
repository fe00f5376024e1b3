import type { Hooks } from "../catalog/schema.ts"

/** What a person asks for when linking. Names or ids, everywhere. */
export interface LinkRequest {
  name: string
  /** A source config; with `environment`, only one of that environment. */
  source: string
  environment?: string | undefined
  /** The staging environment; the source's own unless told. */
  staging?: string | undefined
  pool?: string | undefined
  parameters: unknown
  hooks?: Hooks | undefined
}

export interface SyncRequest {
  /** Start over: needed when the copy on staging can't be brought up to date. */
  resync: boolean
  parameters?: unknown
}

export interface ProvisionRequest {
  name: string
  /** A dSource or VDB, whose snapshots `at` chooses from, or a snapshot's id. */
  from: string
  /** A snapshot's id, `latest`, or a moment in RFC 3339 with a zone: the newest snapshot at or before it. */
  at?: string | undefined
  environment?: string | undefined
  /** Where several repositories fit. */
  repository?: string | undefined
  parameters: unknown
  hooks?: Hooks | undefined
}

export interface CreateEmptyRequest {
  name: string
  plugin: string
  environment: string
  repository?: string | undefined
  pool?: string | undefined
  parameters: unknown
  hooks?: Hooks | undefined
}

/** Refresh: a snapshot of the parent. Rewind: one of the VDB itself. As in {@link ProvisionRequest.at}. */
export interface PointRequest {
  at?: string | undefined
}

/** The points of workflows at which a user's script may run. */
export const DSOURCE_HOOKS = ["pre-sync", "post-sync"] as const
export const VDB_HOOKS = [
  "configure-clone", "pre-refresh", "post-refresh", "pre-rewind", "post-rewind", "pre-snapshot", "post-snapshot", "pre-start", "post-start", "pre-stop", "post-stop",
] as const
