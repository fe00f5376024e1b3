import type { Found } from "../catalog/sources.ts"
import type { Manifest, PluginValue } from "../plugins/port.ts"

/** What tells a found thing from others, as its schema says; `sdk/contract` has seen to it that the fields are there. */
export function identified(manifest: Manifest, kind: "repository" | "sourceConfig", definition: PluginValue): Found {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- both keywords were held against their meta-schema when the plugin was uploaded
  const { identityFields, nameField } = manifest.schemas[kind] as { identityFields: string[]; nameField: string }
  return { identity: JSON.stringify(identityFields.map((field) => definition[field])), name: String(definition[nameField]), definition }
}
