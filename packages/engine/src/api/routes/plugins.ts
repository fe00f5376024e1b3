import { findPlugin, listPlugins, type PluginRecord } from "../../catalog/plugins.ts"
import { EngineError } from "../../errors.ts"
import type { ApiContext, Handlers } from "../context.ts"
import type { Upload } from "../../workflows/upload.ts"
import type { Plugin, PluginSummary, UploadReply } from "../contract/plugins.ts"
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
    uploadPlugin: async ({ body, query }) => {
      if (!Buffer.isBuffer(body)) throw new EngineError("invalid_request", "An artifact is sent as application/octet-stream.")
      return uploadView(await verbs.uploadPlugin(body, query), query.dryRun === true)
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

function uploadView({ manifest, outcome, from, migrations, objects, findings, omitted }: Upload, dryRun: boolean): UploadReply {
  const { id, name, version, buildNumber } = manifest
  return { id, name, version, buildNumber, dryRun, outcome, ...(from && { from }), migrations: [...migrations], objects, findings, omitted }
}

function summaryView({ manifest, uploadedAt }: PluginRecord): PluginSummary {
  const { id, name, version, buildNumber, sdk, ingestion, migrations } = manifest
  return { id, name, version, buildNumber, sdk, ingestion, uploadedAt: uploadedAt.toISOString(), migrations: [...migrations] }
}

function pluginView(plugin: PluginRecord): Plugin {
  const { hostTypes, manualSourceConfigs, operations, schemas } = plugin.manifest
  return { ...summaryView(plugin), hostTypes: [...hostTypes], manualSourceConfigs, operations: [...operations], schemas }
}
