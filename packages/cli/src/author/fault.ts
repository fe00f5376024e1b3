import type { PluginFault } from "@veneer/sdk"

/** A fault of a plugin's folder. */
export interface Fault extends PluginFault {
  /** `file:line:column` of the author's text that a JSON pointer leads to, where it could be found. */
  at?: string
}

/** A plugin that has faults. */
export class PluginFaultsError extends Error {
  override readonly name = "PluginFaultsError"
  readonly code = "plugin_faults"
  readonly action = "Mend what is named above, then run this again."
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    super(faults.length === 1 ? "The plugin has a fault." : `The plugin has ${faults.length} faults.`)
    this.faults = faults
  }
}
