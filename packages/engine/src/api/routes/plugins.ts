import { findPlugin, listPlugins, type PluginRecord } from "../../catalog/plugins.ts"
import { EngineError } from "../../errors.ts"
import type { ApiContext, Handlers } from "../context.ts"
import type { Plugin, PluginSummary } from "../contract/plugins.ts"
import { pageOfAll } from "../paging.ts"
import { found } from "./found.ts"

export function pluginHandlers({ engine, verbs }: ApiContext): Handlers<"listPlugins" | "uploadPlugin" | "showPlugin" | "deletePlugin" | "readPluginLogs"> {
  const { catalog, plugins } = engine
  const show = async (id: string): Promise<PluginRecord> => found(await findPlugin(catalog, id), "plugin", id)
  return {
    listPlugins: async ({ query }) => {
      const { items, ...rest } = pageOfAll(await listPlugins(catalog), query, ({ manifest }) => manifest.id)
      return { ...rest, items: items.map(summaryView) }
    },
    uploadPlugin: async ({ body }) => {
      if (!Buffer.isBuffer(body)) throw new EngineError("invalid_request", "An artifact is sent as application/octet-stream.")
      const { id } = await verbs.uploadPlugin(body)
      return pluginView(await show(id))
    },
    showPlugin: async ({ params: { id } }) => pluginView(await show(id)),
    deletePlugin: async ({ params: { id } }) => {
      await show(id)
      await verbs.deletePlugin(id)
      return undefined
    },
    readPluginLogs: async ({ params: { id } }) => {
      await show(id)
      return { lines: plugins.log(id).lines().map(({ line }) => line) }
    },
  }
}

function summaryView({ manifest, uploadedAt }: PluginRecord): PluginSummary {
  const { id, name, version, buildNumber, sdk, ingestion } = manifest
  return { id, name, version, buildNumber, sdk, ingestion, uploadedAt: uploadedAt.toISOString() }
}

function pluginView(plugin: PluginRecord): Plugin {
  const { hostTypes, manualSourceConfigs, operations, schemas } = plugin.manifest
  return { ...summaryView(plugin), hostTypes: [...hostTypes], manualSourceConfigs, operations: [...operations], schemas }
}
