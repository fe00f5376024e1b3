import type { Plugin } from "@veneer/sdk"
import { checkPlugin, type PluginFault } from "@veneer/sdk/check"
import { describePlugin, type PluginDescription } from "@veneer/sdk/describe"

/** What a plugin says of itself, or what is wrong with it. */
export type Inspection = { faults: PluginFault[] } | { description: PluginDescription }

/** Holds a loaded plugin against the contract; runs in the plugin's process. */
export function inspect(plugin: unknown, scripts: readonly string[]): Inspection {
  const faults = checkPlugin(plugin, { scripts })
  return faults.length > 0 ? { faults } : { description: describePlugin(plugin as Plugin) } // what has no fault is one
}
