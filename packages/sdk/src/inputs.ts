import type { Files } from "./files.ts"
import type { Connection, DirectRun, Ports, Run } from "./run.ts"
import type { Credentials, KnownCredentials } from "./schema/credentials.ts"
import type { WaitFor } from "./wait.ts"

/** How a running thing is. A host that can't be reached is `unknown`, never `inactive`. */
export interface Health {
  state: "active" | "inactive" | "degraded" | "unknown"
  /** What is wrong, as a fact. */
  reason?: string
  /** What to do about it. */
  action?: string
}

/** The workflow on whose behalf an operation is called. */
export type Reason =
  | "discover" | "sync" | "resync" | "publish" | "provision" | "create" | "refresh" | "rewind"
  | "enable" | "disable" | "start" | "stop" | "snapshot" | "status" | "size" | "worker" | "delete" | "rollback"

/** What every handler gets besides its own input. */
export interface Call {
  run: Run
  files: Files
  ports: Ports
  /**
   * Fetches what a reference stands for from the engine's secret stores, each time anew; credentials that are none come back as
   * they are. What is fetched is kept nowhere: hold on to the reference, not to the secret.
   *
   * @param given a parameter made with `credentials()`, or a reference as text: `store:name`
   * @throws an error with the code `credentials_missing` or `credentials_unusable`
   * @example
   * const login = await credentials(source.parameters.login)
   * const variables = { PASSWORD: login.type === "password" ? login.password : undefined }
   */
  credentials: (given: Credentials | string) => Promise<KnownCredentials>
  /**
   * Waits until a condition holds, looking again and again; ends when the job is cancelled. What a script can wait for, it
   * waits for itself (`await` of the script library), without a round trip for each look.
   *
   * @throws UserError with your message when the deadline passes
   * @example
   * await waitFor(() => files.stat(connection, `${mount}/ready`), { deadlineMs: 60_000, message: "The copy never got ready." })
   */
  waitFor: WaitFor
  /** Adds a line to the job's log. */
  log: (line: string) => void
  /** Moves the job's progress bar: a fraction from 0 to 1, and what is going on. */
  progress: (progress: { fraction?: number; message?: string }) => void
  /** Aborted when the job is cancelled. */
  signal: AbortSignal
  reason: Reason
  /** Id of the engine, of letters and digits. What is left on hosts that several engines use (a slot, say) is named by it. */
  engine: string
}

/** A dSource or VDB as a handler sees it. */
export interface Source<P> {
  /** Stable for its life, of letters and digits: safe in file names, slot names and the like. */
  id: string
  /** As the user called it; any text. */
  name: string
  parameters: P
}

/** The six types that a plugin's schemas stand for. */
export interface Types {
  repository: unknown
  sourceConfig: unknown
  linkedSource: unknown
  virtualSource: unknown
  snapshot: unknown
  snapshotParameters: unknown
}

/** Input of every operation of a linked source (dSource). */
export interface LinkedCall<T extends Types> extends Call {
  source: Source<T["linkedSource"]>
  repository: T["repository"]
  sourceConfig: T["sourceConfig"]
  /** Staged: the staging host. Direct: the source's own. */
  connection: Connection
}

/** The same with the dataset mounted; `mounts` holds absolute paths in the order of the mount specification. */
export interface MountedLinkedCall<T extends Types> extends LinkedCall<T> {
  mounts: readonly [string, ...string[]]
}

/** How a sync was asked for. */
interface Sync<T extends Types> {
  /** What the person who started it gave; absent when a policy runs it. */
  snapshotParameters?: T["snapshotParameters"]
  /** Start over, whatever is there: true on the first ingestion and on a resync. */
  resync: boolean
}

/** Input of a staged ingest, with the dataset mounted on the staging host. */
export interface SyncCall<T extends Types> extends MountedLinkedCall<T>, Sync<T> {}

/** Input of what describes a direct ingest. The dataset is on the engine's machine, where no script of a plugin runs. */
export interface DirectSyncCall<T extends Types> extends LinkedCall<T>, Sync<T> {}

/**
 * Input of a direct ingest: `run.sync` fills the dataset. On a resync, as on the first ingestion, it begins empty.
 */
export interface DirectIngestCall<T extends Types> extends DirectSyncCall<T> {
  run: DirectRun
}

/**
 * Input of `publish`: a writable clone of a snapshot, mounted apart from its source: on the staging host, or, for direct
 * ingestion, on the engine's machine.
 */
export interface PublishCall<T extends Types, P> extends Call {
  source: Source<P>
  repository: T["repository"]
  sourceConfig: T["sourceConfig"]
  snapshot: T["snapshot"]
  connection: Connection
  mounts: readonly [string, ...string[]]
}

/** Input of every operation of a VDB. */
export interface VirtualCall<T extends Types> extends Call {
  source: Source<T["virtualSource"]>
  repository: T["repository"]
  connection: Connection
}

/** The same with the dataset mounted. */
export interface MountedVirtualCall<T extends Types> extends VirtualCall<T> {
  mounts: readonly [string, ...string[]]
}

/** Input of `configure`: a fresh clone of `snapshot`. `sourceConfig` is what the VDB had before a refresh. */
export interface ConfigureCall<T extends Types> extends MountedVirtualCall<T> {
  snapshot: T["snapshot"]
  sourceConfig?: T["sourceConfig"]
}

/** Input of operations on a VDB that has been configured. */
export interface ConfiguredCall<T extends Types> extends MountedVirtualCall<T> {
  sourceConfig: T["sourceConfig"]
}
