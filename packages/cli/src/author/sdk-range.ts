import { SDK_VERSION } from "@veneer/sdk/version"
import { readFile } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import semver from "semver"
import type { Bundle } from "./bundle.ts"
import type { Fault } from "./fault.ts"
import { isRecord, type Layout } from "./layout.ts"

const SDK = "@veneer/sdk"
/** What a workspace or a folder stands for is told by what is installed. */
const LOCAL = /^(?:workspace|file|link|portal):/

/**
 * The SDK versions that a plugin asks of an engine: those its package.json names, else those compatible with the one in
 * its bundle. One exact version stands for what is compatible with it: an engine need not be as old as the plugin.
 */
export async function sdkRangeOf({ manifest }: Layout, { files }: Bundle): Promise<{ range: string; faults: Fault[] }> {
  const bundled = await bundledVersion(files)
  const usual = { range: `^${bundled}`, faults: [] }
  const named = ["dependencies", "peerDependencies", "devDependencies"].map((field) => manifest[field]).find((field) => isRecord(field) && typeof field[SDK] === "string")
  const asked = isRecord(named) ? String(named[SDK]) : undefined
  if (asked === undefined || LOCAL.test(asked)) return usual
  const range = semver.valid(asked) === null ? asked : `^${asked}`
  const fault = (message: string): { range: string; faults: Fault[] } => ({ range, faults: [{ place: "package.json", message, mend: `Write "${SDK}": "^${bundled}".` }] })
  if (semver.validRange(range) === null) return fault(`package.json asks for the SDK ${JSON.stringify(asked)}, which is no range of versions.`)
  if (!semver.satisfies(bundled, range)) return fault(`package.json asks for the SDK ${asked}, but ${bundled} is installed.`)
  if (semver.satisfies("999999.0.0", range)) return fault(`package.json asks for the SDK ${asked}, which also takes versions that may break the plugin.`)
  return { range, faults: [] }
}

/** The version of the SDK whose text is in the bundle; the CLI's own where none is. */
async function bundledVersion(files: readonly string[]): Promise<string> {
  for (const file of files) {
    if (basename(dirname(file)) !== "dist") continue
    const manifest: unknown = JSON.parse(await readFile(join(dirname(file), "../package.json"), "utf8").catch(() => "{}"))
    if (isRecord(manifest) && manifest["name"] === SDK && typeof manifest["version"] === "string") return manifest["version"]
  }
  return SDK_VERSION
}
