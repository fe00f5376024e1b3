import type { Catalog } from "../../catalog/catalog.ts"
import { findEnvironment } from "../../catalog/environments.ts"
import { listRepositories, listSourceConfigs, type SourceConfigRecord } from "../../catalog/sources.ts"
import { EngineError } from "../../errors.ts"
import type { ApiContext, Handlers } from "../context.ts"
import { pageOfAll } from "../paging.ts"
import { Lookups } from "../views/lookups.ts"
import { repositoryView, sourceConfigView } from "../views/objects.ts"
import { found } from "./found.ts"

type Operations = "listRepositories" | "showRepository" | "listSourceConfigs" | "showSourceConfig" | "addSourceConfig" | "removeSourceConfig"

export function sourceHandlers({ engine, verbs }: ApiContext): Handlers<Operations> {
  const { catalog } = engine
  const filterOf = async ({ environment, plugin }: { environment?: string; plugin?: string }) => ({
    environmentId: environment === undefined ? undefined : found(await findEnvironment(catalog, environment), "environment", environment).id,
    pluginId: plugin,
  })
  return {
    listRepositories: async ({ query }) => {
      const lookups = new Lookups(catalog)
      const { items, ...rest } = pageOfAll(await listRepositories(catalog, await filterOf(query)), query, ({ id }) => id)
      return { ...rest, items: await Promise.all(items.map((item) => repositoryView(item, lookups))) }
    },
    showRepository: async ({ params: { id } }) => repositoryView(found((await listRepositories(catalog, { id }))[0], "repository", id), new Lookups(catalog)),
    listSourceConfigs: async ({ query }) => {
      const lookups = new Lookups(catalog)
      const { items, ...rest } = pageOfAll(await listSourceConfigs(catalog, await filterOf(query)), query, ({ id }) => id)
      return { ...rest, items: await Promise.all(items.map((item) => sourceConfigView(item, lookups))) }
    },
    showSourceConfig: async ({ params: { id } }) => sourceConfigView(await chosen(catalog, id), new Lookups(catalog)),
    addSourceConfig: async ({ body }) => sourceConfigView(await verbs.addSource(body), new Lookups(catalog)),
    removeSourceConfig: async ({ params: { id } }) => {
      await verbs.removeSource((await chosen(catalog, id)).id)
      return undefined
    },
  }
}

async function chosen(catalog: Catalog, nameOrId: string): Promise<SourceConfigRecord> {
  const configs = await listSourceConfigs(catalog, { nameOrId })
  if (configs.length > 1) {
    throw new EngineError("conflict", `${configs.length} source configs are called "${nameOrId}".`, { action: `Give the id of one: ${configs.map((config) => config.id).join(", ")}.` })
  }
  return found(configs[0], "source config", nameOrId)
}
