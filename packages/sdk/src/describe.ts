import { describeMigrations, type MigrationFacts } from "./migrate.ts"
import { operationRules, workerInterval } from "./operations.ts"
import type { Plugin, Schemas } from "./plugin.ts"

export { workerInterval }

/** A plugin's declaration as JSON: what its artifact's manifest says of it. */
export interface PluginDescription {
  id: string
  name: string
  version: string
  buildNumber: string
  hostTypes: readonly string[]
  ingestion: "staged" | "direct"
  manualSourceConfigs: boolean
  /** Absent without a worker. */
  workerIntervalSeconds?: number
  schemas: Record<keyof Schemas, Record<string, unknown>>
  /** Dotted names of the operations that are there: `virtual.configure`. */
  operations: readonly string[]
  /** In the order in which they run, ids in canonical form. */
  migrations: readonly MigrationFacts[]
}

/** Describes a plugin that has passed `checkPlugin`. */
export function describePlugin(plugin: Plugin): PluginDescription {
  const { id, name, version, buildNumber, hostTypes, ingestion, discovery } = plugin
  const schemas = Object.fromEntries(Object.entries(plugin.schemas).map(([key, schema]) => [key, JSON.parse(JSON.stringify(schema))]))
  const { repository, sourceConfig, linkedSource, virtualSource, snapshot, snapshotParameters } = schemas
  return {
    id, name, version, buildNumber, hostTypes, ingestion, manualSourceConfigs: discovery.manualSourceConfigs ?? true,
    ...(plugin.linked.worker && { workerIntervalSeconds: plugin.linked.workerIntervalSeconds ?? workerInterval.usual }),
    schemas: { repository, sourceConfig, linkedSource, virtualSource, snapshot, snapshotParameters },
    operations: operationRules.flatMap(([group, rules]) => Object.keys(rules).map((name) => `${group}.${name}`)).filter((name) => operationOf(plugin, name)),
    migrations: describeMigrations(plugin.migrations),
  }
}

/** The handler behind a dotted name. */
export function operationOf(plugin: unknown, name: string): ((call: object) => unknown) | undefined {
  const [group = "", operation = ""] = name.split(".")
  const handlers = fieldOf(plugin, group)
  const handler = fieldOf(handlers, operation)
  return typeof handler === "function" ? (call: object): unknown => Reflect.apply(handler, handlers, [call]) : undefined
}

const fieldOf = (value: unknown, field: string): unknown => (typeof value === "object" && value !== null && Object.hasOwn(value, field) ? Reflect.get(value, field) : undefined)
