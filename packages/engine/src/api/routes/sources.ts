import { findEnvironment } from "../../catalog/environments.ts"
import { listRepositories, listSourceConfigs } from "../../catalog/sources.ts"
import { EngineError } from "../../errors.ts"
import type { ApiContext, Handlers } from "../context.ts"
import { pageOfAll } from "../paging.ts"
import { Lookups } from "../views/lookups.ts"
import { repositoryView, sourceConfigView } from "../views/objects.ts"
import { found } from "./found.ts"

export function sourceHandlers({ engine }: ApiContext): Handlers<"listRepositories" | "showRepository" | "listSourceConfigs" | "showSourceConfig"> {
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
    showSourceConfig: async ({ params: { id } }) => {
      const configs = await listSourceConfigs(catalog, { nameOrId: id })
      if (configs.length > 1) {
        throw new EngineError("conflict", `${configs.length} source configs are called "${id}".`, { action: `Give the id of one: ${configs.map((config) => config.id).join(", ")}.` })
      }
      return sourceConfigView(found(configs[0], "source config", id), new Lookups(catalog))
    },
  }
}
