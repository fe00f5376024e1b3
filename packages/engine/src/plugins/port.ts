import type { Health, MountSpecification, Reason, Schemas, Trace } from "@veneer/sdk"
import type { MigrationFacts, MigrationKind } from "@veneer/sdk/migrate"
import type { Fault } from "@veneer/sdk/values"
import type { HostSettings } from "../environments/port.ts"
import type { PluginLog } from "./log.ts"

/** A value of a plugin's: JSON, except that secrets are `Secret` objects while in memory. */
export type PluginValue = Record<string, unknown>

/** What an artifact says of itself in `manifest.json`, and the engine keeps of it. */
export interface Manifest {
  /** Version of the artifact's own layout. */
  format: 1
  id: string
  name: string
  version: string
  buildNumber: string
  /** Semver range of `@veneer/sdk` it was built for. */
  sdk: string
  hostTypes: readonly string[]
  ingestion: "staged" | "direct"
  manualSourceConfigs: boolean
  /** How often a dSource's worker runs; absent without one. */
  workerIntervalSeconds?: number
  schemas: Record<keyof Schemas, Record<string, unknown>>
  /** Dotted names of the operations that are there: `virtual.configure`. */
  operations: readonly string[]
  /** In the order in which they run, ids in canonical form. */
  migrations: readonly MigrationFacts[]
  /** SHA-256, in hex, of every file in the artifact but the manifest, by path. */
  checksums: Record<string, string>
}

/** On whose behalf, where and under whose eyes an operation runs. */
export interface CallContext {
  /** The host behind `connection`, and the OS user on it. */
  environment: HostSettings & { id: string }
  reason: Reason
  /** Derived from job and step, so that a repeated call finds its detached runs. */
  key: string
  /** `dsource/<id>` or `vdb/<id>`: who reserved ports belong to; undefined where none can be reserved. */
  owner: string | undefined
  /** Absolute path on the engine's machine of the dataset that `run.sync` fills; absent where nothing may be filled. */
  dataset?: string | undefined
  signal: AbortSignal
  log(line: string): void
  progress(progress: { fraction?: number | undefined; message?: string | undefined }): void
}

/** What operations return, once held against what they promised. Those not named return nothing. */
export interface OperationResults {
  "discovery.repositories": PluginValue[]
  "discovery.sourceConfigs": PluginValue[]
  "discovery.traces": Trace[]
  "linked.mountSpecification": MountSpecification
  "linked.postSnapshot": PluginValue
  "linked.publish": PluginValue
  "linked.sourceSize": number
  "linked.status": Health
  "virtual.mountSpecification": MountSpecification
  "virtual.configure": PluginValue
  "virtual.reconfigure": PluginValue
  "virtual.initialize": PluginValue
  "virtual.postSnapshot": PluginValue
  "virtual.publish": PluginValue
  "virtual.status": Health
  "virtual.sourceSize": number
}

/** What one operation returns. */
export type ResultOf<O extends string> = O extends keyof OperationResults ? OperationResults[O] : undefined

/** An uploaded plugin, with where its artifact is unpacked. */
export interface InstalledPlugin {
  manifest: Manifest
  /** SHA-256 of the artifact, in hex; its folder in the store is named by it. */
  artifact: string
}

/** What became of a stored value: as the artifact takes it, what is wrong with it there, or nothing, since a migration had cost too many processes. */
export type Migrated =
  | { value: PluginValue; faults?: undefined; untried?: undefined }
  | { value?: undefined; faults: readonly (Fault & { migration?: string })[]; untried?: undefined }
  | { value?: undefined; faults?: undefined; untried: true }

/** Brings stored values to what another artifact takes, in a process of its own. */
export interface Migrator {
  /**
   * Puts values through the pending migrations of their kind, in order, and holds each against the artifact's schema.
   * Nothing it says shows a secret.
   * @returns what became of each
   */
  migrate(kind: MigrationKind, values: readonly PluginValue[]): Promise<Migrated[]>
  /** Ends its process. */
  close(): Promise<void>
}

/** Calls plugins in their own processes and holds both sides to the schemas. */
export interface Plugins {
  /** Checks an artifact before any of its code runs, unpacks it into the store and starts it once. @throws EngineError `artifact_invalid` */
  install(artifact: Buffer): Promise<InstalledPlugin>
  /** Makes a plugin known, in the place of the one with its id. Ends once the other's calls have ended, and its process. */
  load(plugin: InstalledPlugin): Promise<void>
  /** Forgets it. Ends once its calls have ended, and its process. */
  unload(id: string): Promise<void>
  /** For stored values on their way to an artifact that is installed, and need not be loaded. @param pending in the order in which they run */
  migrator(plugin: InstalledPlugin, pending: readonly MigrationFacts[]): Migrator
  /** Removes every unpacked artifact but those named: what uploads left that were refused or cut off, and what was replaced. */
  sweep(artifacts: readonly string[]): Promise<void>
  /** @throws EngineError `not_found` */
  manifest(id: string): Manifest
  /** The artifact that is loaded. @throws EngineError `not_found` */
  artifact(id: string): string
  offers(id: string, operation: string): boolean
  /**
   * Holds what a person gave against one of the plugin's schemas: fills defaults, turns references into ids and password
   * fields into secrets.
   * @param at JSON pointer put before those of the faults
   * @throws EngineError `invalid_request` with per-field faults
   */
  accept(id: string, schema: keyof Schemas, value: unknown, at: string): Promise<PluginValue>
  /** The ids that an accepted value refers to. */
  references(id: string, schema: keyof Schemas, value: PluginValue): string[]
  /**
   * Calls one operation. What it returns has been held against its schema, with password fields as secrets.
   * @param operation dotted name, such as `virtual.configure`
   * @param input what the handler gets besides connection, run and the like
   * @throws EngineError with a `plugin_…` or `script_…` code; UserError-shaped errors of the plugin as they are
   */
  call<O extends string>(id: string, operation: O, input: PluginValue, context: CallContext): Promise<ResultOf<O>>
  /** What a plugin wrote outside any call. */
  log(id: string): PluginLog
  /** Ends all plugin processes. */
  close(): Promise<void>
}
