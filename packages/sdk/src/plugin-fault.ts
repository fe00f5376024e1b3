/** Something wrong with a plugin, and how to mend it. */
export interface PluginFault {
  /** JSON pointer into the plugin's declaration, or a file below its folder. */
  place: string
  message: string
  mend: string
}
