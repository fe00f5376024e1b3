import { Type, type Static } from "typebox"
import { migrationKinds } from "@veneer/sdk/migrate"
import type { RouteSchemas } from "./route.ts"
import { choice, IdParams, page, Paging, Time } from "./shapes.ts"

const schema = (description: string) => Type.Unsafe<Record<string, unknown>>({ type: "object", additionalProperties: true, description })

const plugin = {
  id: Type.String(),
  name: Type.String(),
  version: Type.String(),
  buildNumber: Type.String(),
  sdk: Type.String({ description: "The SDK versions it was built for." }),
  ingestion: choice(["staged", "direct"]),
  uploadedAt: Time,
}

const MigrationShape = Type.Object({
  id: Type.String({ description: "Dotted numbers, in canonical form." }),
  kind: choice(migrationKinds, "The schema whose stored values it changes."),
})
const migrations = (description: string) => Type.Array(MigrationShape, { description })

/** A plugin as listings show it. */
export const PluginSummaryShape = Type.Object({ ...plugin, migrations: migrations("In the order in which they run.") })
export type PluginSummary = Static<typeof PluginSummaryShape>

/** A plugin with its schemas and what it offers. */
export const PluginShape = Type.Object({
  ...PluginSummaryShape.properties,
  hostTypes: Type.Array(Type.String()),
  manualSourceConfigs: Type.Boolean(),
  operations: Type.Array(Type.String(), { description: "Dotted names: `virtual.configure`. What is absent is not offered." }),
  schemas: Type.Object({
    repository: schema("Of a repository's definition."),
    sourceConfig: schema("Of a source config's definition."),
    linkedSource: schema("Of a dSource's parameters."),
    virtualSource: schema("Of a VDB's parameters."),
    snapshot: schema("Of a snapshot's metadata."),
    snapshotParameters: schema("Of a sync's parameters."),
  }),
})
export type Plugin = Static<typeof PluginShape>

/** One line a plugin wrote outside any job, as its events have it. */
export const PluginLineShape = Type.Object({ line: Type.String() })
export type PluginLine = Static<typeof PluginLineShape>

const build = { version: plugin.version, buildNumber: plugin.buildNumber }

/** A rule that an upgrade would break. */
export const UpgradeFindingShape = Type.Object({
  object: Type.Optional(
    Type.Object(
      { kind: choice(["repository", "source-config", "dsource", "vdb", "snapshot"]), id: Type.String(), name: Type.String() },
      { description: "What is stored; absent where the artifact itself breaks the rule." },
    ),
  ),
  pointer: Type.String({ description: "JSON pointer into the object as it is shown, or into the artifact's manifest." }),
  message: Type.String({ description: "The rule, and what is there. Shows no secret." }),
  migration: Type.Optional(Type.String({ description: "Id of the migration that failed." })),
})

/** What an upload did, or would do. */
export const UploadShape = Type.Object({
  id: plugin.id,
  name: plugin.name,
  ...build,
  dryRun: Type.Boolean({ description: "Whether nothing was changed, and all of this is what would happen." }),
  outcome: choice(["installed", "upgraded", "unchanged"]),
  from: Type.Optional(Type.Object(build, { description: "The build that was there." })),
  migrations: migrations("Those that ran, in this order."),
  objects: Type.Array(
    Type.Object({ kind: MigrationShape.properties.kind, count: Type.Integer(), changed: Type.Integer(), untried: Type.Integer() }),
    { description: "Of each kind of stored value, how many there are, how many changed, and how many were not tried because a migration of theirs kept failing." },
  ),
  findings: Type.Array(UpgradeFindingShape, { description: "What an upgrade would break. Only a dry run has any: an upgrade that would break something is refused." }),
  omitted: Type.Integer({ description: "Further findings that are not listed." }),
})
export type UploadReply = Static<typeof UploadShape>

export const pluginRoutes = {
  listPlugins: { tag: "plugins", summary: "List plugins.", query: Type.Object(Paging), status: 200, reply: page(PluginSummaryShape) },
  uploadPlugin: {
    tag: "plugins", summary: "Upload an artifact: a new plugin, or a higher build of one, which migrates what is stored for it.", status: 200, bytes: true, reply: UploadShape,
    query: Type.Object({
      dryRun: Type.Optional(Type.Boolean({ description: "Change nothing; tell what would happen, and everything that an upgrade would break." })),
      upgrade: Type.Optional(Type.Boolean({ description: "Refuse a plugin that is not installed yet." })),
    }),
  },
  showPlugin: { tag: "plugins", summary: "Show a plugin with its schemas and what it offers.", params: IdParams, status: 200, reply: PluginShape },
  deletePlugin: { tag: "plugins", summary: "Delete a plugin that nothing uses.", params: IdParams, status: 204 },
  readPluginLogs: {
    tag: "plugins", summary: "Read the last lines a plugin wrote outside any job.", params: IdParams, status: 200,
    reply: Type.Object({ lines: Type.Array(Type.String()) }),
  },
  watchPluginLogs: {
    tag: "plugins", params: IdParams, status: 200, stream: true,
    summary: "Follow what a plugin writes outside any job: `line` events from the first line that is kept, with the id to resume at as Last-Event-ID.",
  },
} satisfies Record<string, RouteSchemas>
