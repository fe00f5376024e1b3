import { Type, type Static } from "typebox"
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

/** A plugin as listings show it. */
export const PluginSummaryShape = Type.Object(plugin)
export type PluginSummary = Static<typeof PluginSummaryShape>

/** A plugin with its schemas and what it offers. */
export const PluginShape = Type.Object({
  ...plugin,
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

export const pluginRoutes = {
  listPlugins: { tag: "plugins", summary: "List plugins.", query: Type.Object(Paging), status: 200, reply: page(PluginSummaryShape) },
  uploadPlugin: { tag: "plugins", summary: "Upload an artifact: a new plugin, or a higher build of one.", status: 201, bytes: true, reply: PluginShape },
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
