import type { Static, TSchema } from "typebox"
import type { Migration } from "./migrate.ts"
import type { Files } from "./files.ts"
import type { MountSpecification } from "./mount.ts"
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

type Handler<I, O> = (call: I) => Promise<O> | O

/** Something a plugin put outside datasets, on a host or a source: a replication slot, a private directory. */
export interface Trace {
  /** Id of the dSource or VDB it was made for. */
  source: string
  /** Tells it from others on the host. */
  name: string
  /** What it is, as a sentence. */
  description: string
  /** How a person removes it. */
  action: string
}

/** What finds data on a host. */
export interface Discovery<T extends Types> {
  /** The software found on the host. */
  repositories: Handler<Call & { connection: Connection }, T["repository"][]>
  /** What one of them serves. Called once for each repository. */
  sourceConfigs: Handler<Call & { connection: Connection; repository: T["repository"] }, T["sourceConfig"][]>
  /** What this plugin left on the host and on what the repository serves, whoever it was for; `doctor` finds the ownerless. */
  traces?: Handler<Call & { connection: Connection; repository: T["repository"]; sourceConfigs: T["sourceConfig"][] }, Trace[]>
  /** Removes one; what is gone already is fine. */
  removeTrace?: Handler<Call & { connection: Connection; repository: T["repository"]; sourceConfigs: T["sourceConfig"][]; trace: Trace }, void>
  /** Whether a person may enter a source config by hand; yes unless told. */
  manualSourceConfigs?: boolean
}

/** Operations of a linked source that both kinds of ingestion have. */
interface LinkedOperations<T extends Types> {
  /** Makes a clone of the snapshot what VDBs start from. Returns evidence, merged into the snapshot. */
  publish?: Handler<PublishCall<T, T["linkedSource"]>, Partial<T["snapshot"]>>
  /** Size of the source's data in bytes. */
  sourceSize?: Handler<LinkedCall<T>, number>
}

/** A linked source that is filled on a staging host. */
export interface StagedOperations<T extends Types> extends LinkedOperations<T> {
  mountSpecification: Handler<LinkedCall<T>, MountSpecification>
  /** The ingest itself: brings the mounted dataset up to date. */
  preSnapshot?: Handler<SyncCall<T>, void>
  /** Describes the storage snapshot just taken. */
  postSnapshot: Handler<SyncCall<T>, T["snapshot"]>
  /** Starts whatever keeps the dataset up to date between syncs. */
  startStaging?: Handler<MountedLinkedCall<T>, void>
  /** Stops it. With the reason `delete` it also removes every trace on hosts (a slot, a credential file). */
  stopStaging?: Handler<MountedLinkedCall<T>, void>
  status?: Handler<MountedLinkedCall<T>, Health>
  worker?: Handler<MountedLinkedCall<T>, void>
}

/** What only a staged linked source has. */
type StagedOnly = "mountSpecification" | "startStaging" | "stopStaging" | "status" | "worker"

/** A linked source whose files the engine pulls from the source host. */
export interface DirectOperations<T extends Types> extends LinkedOperations<T>, Partial<Record<StagedOnly, never>> {
  /** The ingest itself: has the engine bring the dataset up to date, with `run.sync`. */
  preSnapshot?: Handler<DirectIngestCall<T>, void>
  /** Describes the storage snapshot just taken. */
  postSnapshot: Handler<DirectSyncCall<T>, T["snapshot"]>
}

/** Operations of a VDB. An optional one that is absent is not offered to anybody. */
export interface VirtualOperations<T extends Types> {
  mountSpecification: Handler<VirtualCall<T>, MountSpecification>
  /** Makes a fresh clone usable and leaves it running. Provision and refresh. */
  configure: Handler<ConfigureCall<T>, T["sourceConfig"]>
  /** Same VDB, its data back under it; leaves it running. Rewind and enable. */
  reconfigure: Handler<ConfiguredCall<T>, T["sourceConfig"]>
  /** Stops it and removes every trace on the host. Called before each unmount; `sourceConfig` is absent when configure never ended. */
  unconfigure?: Handler<MountedVirtualCall<T> & { sourceConfig?: T["sourceConfig"] }, void>
  /** Removes what outlives a disable, before the VDB goes. */
  cleanup?: Handler<VirtualCall<T> & { sourceConfig?: T["sourceConfig"] }, void>
  /** Makes an empty dataset a running VDB. */
  initialize?: Handler<MountedVirtualCall<T>, T["sourceConfig"]>
  start?: Handler<ConfiguredCall<T>, void>
  stop?: Handler<ConfiguredCall<T>, void>
  preSnapshot?: Handler<ConfiguredCall<T>, void>
  /** Describes the storage snapshot just taken of the VDB. */
  postSnapshot: Handler<ConfiguredCall<T>, T["snapshot"]>
  /** As for a dSource: makes a clone of a VDB's snapshot what others start from. Done once, before the first use. */
  publish?: Handler<PublishCall<T, T["virtualSource"]>, Partial<T["snapshot"]>>
  status?: Handler<ConfiguredCall<T>, Health>
  /** Size of the VDB's data in bytes. */
  sourceSize?: Handler<ConfiguredCall<T>, number>
}

/** The six schemas, each a JSON Schema 2020-12 of an object. */
export interface Schemas {
  repository: TSchema
  sourceConfig: TSchema
  linkedSource: TSchema
  virtualSource: TSchema
  snapshot: TSchema
  snapshotParameters: TSchema
}

/** The types that a plugin's schemas stand for, inferred. */
export type TypesOf<S extends Schemas> = { [K in keyof S & keyof Types]: Static<S[K]> }

/** Everything a plugin declares, whatever its ingestion. */
interface PluginBase<S extends Schemas> {
  /** Lower-case letters, digits and dashes; never changes. */
  id: string
  /** As people read it. */
  name: string
  /** For people: `1.4.0`. */
  version: string
  /** For upgrades: dotted numbers that only rise. */
  buildNumber: string
  hostTypes: readonly "unix"[]
  schemas: S
  discovery: Discovery<TypesOf<S>>
  virtual: VirtualOperations<TypesOf<S>>
  /** What an upgrade changes of the values that older builds stored. A build keeps every migration of those before it. */
  migrations?: readonly Migration[]
}

/** The operations of a linked source, by how it is ingested. */
interface LinkedBy<T extends Types> {
  staged: StagedOperations<T>
  direct: DirectOperations<T>
}

/** A plugin with one kind of ingestion. */
export type PluginBy<S extends Schemas, I extends "staged" | "direct"> = PluginBase<S> & {
  /** How dSources are filled: by the plugin, on a mount on a staging host; or by the engine, which pulls from the source. */
  ingestion: I
  linked: LinkedBy<TypesOf<S>>[I]
}

/** A plugin of either kind. */
export type Plugin<S extends Schemas = Schemas> = PluginBy<S, "staged"> | PluginBy<S, "direct">

/**
 * Declares a plugin. Its default export is what this returns.
 *
 * @example
 * export default definePlugin({
 *   id: "files", name: "Files", version: "1.0.0", buildNumber: "1", hostTypes: ["unix"], ingestion: "staged",
 *   schemas, discovery, linked, virtual,
 * })
 */
export function definePlugin<S extends Schemas, I extends "staged" | "direct">(plugin: PluginBy<S, I>): PluginBy<S, I> {
  return plugin
}
