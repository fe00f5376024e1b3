import { inTransaction } from "../catalog/catalog.ts"
import { deleteSourceConfig, insertSourceConfig, type SourceConfigRecord } from "../catalog/sources.ts"
import { EngineError } from "../errors.ts"
import { acceptParameters, holdAccepted } from "./accept.ts"
import type { Engine } from "./engine.ts"
import { chooseRepository, theEnvironment, theSourceConfig } from "./find.ts"
import { identified } from "./identity.ts"

/** What a person enters that discovery does not find. */
export interface SourceRequest {
  environment: string
  plugin: string
  /** Where several repositories fit. */
  repository?: string | undefined
  /** As the plugin's sourceConfig schema asks. */
  definition: unknown
}

/** Enters a source config by hand. It stays as it is, whatever discovery finds. */
export async function addSource(engine: Engine, { environment, plugin, repository, definition }: SourceRequest): Promise<SourceConfigRecord> {
  const manifest = engine.plugins.manifest(plugin)
  if (!manifest.manualSourceConfigs) {
    throw new EngineError("not_offered", `The plugin "${plugin}" finds its sources itself; none can be entered by hand.`, { action: `Run \`veneer environment refresh ${environment}\`.` })
  }
  const place = await chooseRepository(engine, { pluginId: plugin, environment: await theEnvironment(engine, environment), repository })
  const accepted = await acceptParameters(engine, plugin, "sourceConfig", definition, "/definition")
  const found = identified(manifest, "sourceConfig", accepted.value)
  const id = await inTransaction(engine.catalog, async (within) => {
    await holdAccepted(within, accepted)
    return insertSourceConfig(within, place.id, found)
  })
  if (id === undefined) throw new EngineError("name_taken", `"${place.name}" has the source "${found.name}" already.`, { action: "See `veneer source list`; link that one, or change what tells them apart." })
  return theSourceConfig(engine, id)
}

/** Takes back what a person entered. */
export async function removeSource(engine: Engine, id: string): Promise<void> {
  const { name, manual } = await theSourceConfig(engine, id)
  if (!manual) throw new EngineError("wrong_state", `The source "${name}" was found by discovery, which would find it again.`, { action: "Nothing: it goes when it is no longer there." })
  if (!(await deleteSourceConfig(engine.catalog, id))) throw new EngineError("in_use", `The source "${name}" is linked.`, { action: "Unlink its dSources first." })
}
