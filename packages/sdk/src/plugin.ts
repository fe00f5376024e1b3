import type { Static, TSchema } from "typebox"
import type {
  Call, ConfigureCall, ConfiguredCall, DirectIngestCall, DirectSyncCall, Health, LinkedCall, MountedLinkedCall, MountedVirtualCall, PublishCall, SyncCall, Types, VirtualCall,
} from "./inputs.ts"
import type { Migration } from "./migrate.ts"
import type { MountSpecification } from "./mount.ts"
import type { Connection } from "./run.ts"

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
  /** Size of the source's data in bytes. Asked after each sync, and hourly. */
  sourceSize?: Handler<LinkedCall<T>, number>
}

/** A linked source that is filled on a staging host. */
export interface StagedOperations<T extends Types> extends LinkedOperations<T> {
  /** Where the dataset is mounted on the staging host, and whose it is. */
  mountSpecification: Handler<LinkedCall<T>, MountSpecification>
  /** The ingest itself: brings the mounted dataset up to date. */
  preSnapshot?: Handler<SyncCall<T>, void>
  /** Describes the storage snapshot just taken. */
  postSnapshot: Handler<SyncCall<T>, T["snapshot"]>
  /** Starts whatever keeps the dataset up to date between syncs. */
  startStaging?: Handler<MountedLinkedCall<T>, void>
  /** Stops it. With the reason `delete` it also removes every trace on hosts (a slot, a credential file). */
  stopStaging?: Handler<MountedLinkedCall<T>, void>
  /** How the staging is. Asked every few minutes, and when somebody wants to know. */
  status?: Handler<MountedLinkedCall<T>, Health>
  /**
   * Work to be done now and then while the dSource is enabled: prune logs, watch a queue. It runs as a job of its own, never
   * beside another job on the same dSource: one that a person asks for ends it, and it comes again at the next interval. So it
   * obeys `signal`, and may be cut off anywhere. One that fails is a failed job.
   */
  worker?: Handler<MountedLinkedCall<T>, void>
  /** Seconds from the beginning of one run of `worker` to that of the next, from 10 to 86,400; 300 unless told. */
  workerIntervalSeconds?: number
}

/** What only a staged linked source has. */
type StagedOnly = "mountSpecification" | "startStaging" | "stopStaging" | "status" | "worker" | "workerIntervalSeconds"

/** A linked source whose files the engine pulls from the source host. */
export interface DirectOperations<T extends Types> extends LinkedOperations<T>, Partial<Record<StagedOnly, never>> {
  /** The ingest itself: has the engine bring the dataset up to date, with `run.sync`. */
  preSnapshot?: Handler<DirectIngestCall<T>, void>
  /** Describes the storage snapshot just taken. */
  postSnapshot: Handler<DirectSyncCall<T>, T["snapshot"]>
}

/** Operations of a VDB. An optional one that is absent is not offered to anybody. */
export interface VirtualOperations<T extends Types> {
  /** Where the dataset is mounted on the target host, and whose it is. */
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
  /**
   * Starts a VDB that was stopped, its data still mounted; one that runs is left running. `status`, where there is one, is asked
   * next and must say `active` or `degraded`. Also called after a snapshot by storage that can't take one of a running VDB.
   */
  start?: Handler<ConfiguredCall<T>, void>
  /** Stops it; the data stays mounted. `status`, where there is one, is asked next and must not say `active`. Also called before a snapshot by storage that can't take one of a running VDB. */
  stop?: Handler<ConfiguredCall<T>, void>
  /**
   * Readies the VDB, which runs or is stopped, for the storage snapshot about to be taken: has it write out what it holds, say.
   * Nothing takes that back when the snapshot fails, so it leaves nothing locked.
   */
  preSnapshot?: Handler<ConfiguredCall<T>, void>
  /** Describes the storage snapshot just taken of the VDB. */
  postSnapshot: Handler<ConfiguredCall<T>, T["snapshot"]>
  /** As for a dSource: makes a clone of a VDB's snapshot what others start from. Done once, before the first use. */
  publish?: Handler<PublishCall<T, T["virtualSource"]>, Partial<T["snapshot"]>>
  /** How the VDB is. Asked before an enable, every few minutes, and when somebody wants to know. */
  status?: Handler<ConfiguredCall<T>, Health>
  /** Size of the VDB's data in bytes. Asked hourly. */
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
