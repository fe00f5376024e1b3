import type { PluginDescription } from "@veneer/sdk/describe"
import { isObject } from "@veneer/sdk/values"
import { isDeepStrictEqual } from "node:util"
import { EngineError } from "../errors.ts"
import type { PluginHost } from "./host.ts"
import type { InstalledPlugin, Manifest } from "./port.ts"
import { Thrown } from "./running.ts"
import type { Store } from "./store.ts"

/** What a manifest says that the plugin's code must say, too. */
const declared = ["id", "name", "version", "buildNumber", "hostTypes", "ingestion", "manualSourceConfigs", "workerIntervalSeconds", "schemas", "operations", "migrations"] as const satisfies (keyof Manifest & keyof PluginDescription)[]

/**
 * Unpacks an artifact and starts it once. What is not fit leaves nothing behind.
 * @throws EngineError `artifact_invalid`
 */
export async function install(store: Store, packed: Buffer, hostOf: (plugin: InstalledPlugin) => PluginHost): Promise<InstalledPlugin> {
  const { isNew, ...plugin } = await store.add(packed)
  try {
    const scripts = Object.keys(plugin.manifest.checksums).filter((path) => /^scripts\/.*\.sh$/.test(path) && path !== "scripts/lib.sh")
    const inspection = await hostOf(plugin).describe(scripts.map((path) => path.slice("scripts/".length)))
    compare(plugin.manifest, inspection)
    return plugin
  } catch (error) {
    if (isNew) await store.remove(plugin.artifact)
    throw error instanceof EngineError && error.code === "artifact_invalid" ? error : unfit(plugin.manifest.id, error)
  }
}

/** The inspection comes from a process that ran the plugin's code: it is believed only where it agrees. */
function compare(manifest: Manifest, inspection: unknown): void {
  if (!isObject(inspection)) throw new EngineError("artifact_invalid", `${manifest.id} could not be inspected.`)
  const { faults, description } = inspection
  if (Array.isArray(faults) && faults.length > 0) {
    const all = faults.filter(isObject).map(({ place, message, mend }) => ({ pointer: String(place), message: `${String(message)} ${String(mend)}` }))
    throw new EngineError("artifact_invalid", `${manifest.id} breaks the plugin contract: ${all.map(({ message }) => message).join(" ")}`, { faults: all })
  }
  const differing = declared.find((field) => !isObject(description) || !isDeepStrictEqual(description[field], manifest[field]))
  if (differing !== undefined) throw new EngineError("artifact_invalid", `${manifest.id} says something else than its manifest about ${differing}.`)
}

function unfit(id: string, error: unknown): EngineError {
  const message = error instanceof Error ? error.message : String(error)
  const output = error instanceof EngineError ? error.output : undefined
  return new EngineError("artifact_invalid", `${id} can't be started: ${message}`, { ...(output !== undefined && { output }), cause: error instanceof Thrown ? undefined : error })
}
