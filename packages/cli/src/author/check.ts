import { existsSync } from "node:fs"
import { relative } from "node:path"
import type { PluginDescription } from "@veneer/sdk/describe"
import { bundle, BundleError, type Bundle } from "./bundle.ts"
import type { Fault } from "./fault.ts"
import { createInspector, type Inspector } from "./inspector.ts"
import { filesBelow, layoutOf, type Layout } from "./layout.ts"
import { licensesOf } from "./licenses.ts"
import { load } from "./load.ts"
import { createPositions } from "./positions.ts"
import { readScripts, scriptFaults, syntaxFaults, type ScriptFile } from "./scripts.ts"
import { sdkRangeOf } from "./sdk-range.ts"
import { remarkFaults, shellcheck } from "./shellcheck.ts"
import { checkTypes } from "./types.ts"

/** A plugin whose parts have been looked at. */
export interface Checked {
  faults: Fault[]
  /** What could not be looked at here, and why. */
  notes: string[]
  /** What an artifact is made of; there when the declaration is sound. */
  sound?: Sound
  /** Paths below the folder of scripts. */
  files: readonly string[]
  layout: Layout
}

/** What a sound plugin's code comes to. */
export interface Sound {
  description: PluginDescription
  bundle: Bundle
  /** The SDK versions it asks for. */
  sdk: string
  /** The licences of the packages in its bundle. */
  licenses: string
}

/** How a plugin is looked at. */
export interface CheckOptions {
  /** Ask shellcheck and TypeScript, too: what they find keeps no artifact from being built. */
  thorough?: boolean
  /** How the code is bundled. */
  bundleCode?: (layout: Layout) => Promise<Bundle>
  /** What loads the code. */
  inspector?: Inspector
}

/** Everything that is wrong with the plugin in a folder, all at once. @throws UsageError when there is no such folder */
export async function checkFolder(directory: string, { thorough = false, bundleCode = ({ entry, directory: root }) => bundle(entry, root), inspector }: CheckOptions = {}): Promise<Checked> {
  const { layout, faults } = await layoutOf(directory)
  const files = await filesBelow(layout.scripts)
  const scripts = await readScripts(layout.scripts, files)
  const [code, syntax, types, remarks] = await Promise.all([
    faults.length > 0 ? [] : codeOf(layout, bundleCode), syntaxFaults(layout.scripts, scripts), thorough ? checkTypes(layout.directory) : undefined, thorough ? shellcheck(layout.scripts, scripts) : [],
  ])
  const loaded = Array.isArray(code) ? { faults: code } : await loadCode(inspector ?? createInspector(layout.directory), code, layout, { files, scripts })
  // What doesn't parse is told of once.
  const declared = ("scripts" in loaded ? loaded.scripts : undefined) ?? []
  const first = [...faults, ...loaded.faults, ...syntax]
  const further = [...(typeof remarks === "string" ? [] : remarkFaults(scripts, remarks, declared)), ...(types?.faults ?? [])]
  return {
    faults: [...first, ...further.filter(({ place }) => !first.some((fault) => lineOf(fault.place) === lineOf(place)))], notes: [remarks, types?.note].filter((note) => typeof note === "string"), files, layout,
    ...("sound" in loaded && { sound: loaded.sound }),
  }
}

async function codeOf(layout: Layout, bundleCode: (layout: Layout) => Promise<Bundle>): Promise<Bundle | Fault[]> {
  const place = relative(layout.directory, layout.entry)
  if (!existsSync(layout.entry)) return [{ place, message: "The entry file is missing.", mend: `Write it, or name another as "veneer": { "entry": … } in package.json.` }]
  try {
    return await bundleCode(layout)
  } catch (error) {
    if (error instanceof BundleError) return [...error.faults]
    throw error
  }
}

async function loadCode(inspector: Inspector, code: Bundle, layout: Layout, { files, scripts }: { files: readonly string[]; scripts: readonly ScriptFile[] }) {
  const positions = createPositions(code)
  const [loaded, licenses, sdk] = await Promise.all([load(inspector, code, positions, { layout, files }), licensesOf(code, layout), sdkRangeOf(layout, code)])
  const sound = loaded.description && { description: loaded.description, bundle: code, sdk: sdk.range, licenses: licenses.text }
  const faults = [...loaded.faults, ...sdk.faults, ...licenses.faults, ...(loaded.scripts ? scriptFaults(scripts, loaded.scripts, positions) : [])]
  return { faults, ...(loaded.scripts && { scripts: loaded.scripts }), ...(sound && { sound }) }
}

const lineOf = (place: string): string => place.replace(/(:\d+):\d+$/, "$1")
