import type { Schemas } from "@veneer/sdk"
import type { Catalog } from "../catalog/catalog.ts"
import { holdPlugin } from "../catalog/plugins.ts"
import { EngineError } from "../errors.ts"
import type { PluginValue } from "../plugins/port.ts"
import type { Engine } from "./engine.ts"

/** What a person gave, as a plugin took it. */
export interface Accepted {
  value: PluginValue
  pluginId: string
  /** The artifact whose schema it was held against. */
  artifact: string
}

/** Holds what a person gave at a pointer of the request against one of a plugin's schemas. @throws EngineError `invalid_request` with per-field faults */
export async function acceptParameters({ plugins }: Engine, pluginId: string, schema: keyof Schemas, parameters: unknown, at = "/parameters"): Promise<Accepted> {
  const artifact = plugins.artifact(pluginId)
  return { pluginId, artifact, value: await plugins.accept(pluginId, schema, parameters, at) }
}

/** In the transaction that stores what was accepted: it is still what the plugin takes, and will be until the transaction ends. */
export async function holdAccepted(catalog: Catalog, accepted: Accepted): Promise<void> {
  if (await holdPlugin(catalog, accepted)) return
  throw new EngineError("conflict", `The plugin "${accepted.pluginId}" was replaced while this was asked for.`, { action: "Send the request again." })
}
