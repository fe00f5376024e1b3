import { artifactLimits } from "@veneer/sdk/artifact"
import type { PluginDescription } from "@veneer/sdk/describe"
import { createHash } from "node:crypto"
import { mkdir, readFile, rename, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { checkFolder, type Checked } from "./check.ts"
import { PluginFaultsError } from "./fault.ts"
import { libraryPath } from "./layout.ts"
import { pack } from "./pack.ts"

/** What an artifact says of itself; the engine's `Manifest`. */
export interface ArtifactManifest extends PluginDescription {
  format: 1
  sdk: string
  checksums: Record<string, string>
}

/** An artifact that has been written. */
export interface BuiltPlugin {
  /** Absolute path: `<out>/<id>.veneer.tgz`. */
  file: string
  manifest: ArtifactManifest
  /** SHA-256 of the file, in hex: the name an engine knows the artifact by. */
  artifact: string
  bytes: number
}

/**
 * Builds the plugin in a folder into one artifact, offline. The same input gives the same bytes, wherever the folder is.
 * @param options.out the folder to write into; `dist` in the plugin's folder unless told
 * @throws PluginFaultsError
 */
export async function buildPlugin(directory: string, { out = join(directory, "dist") }: { out?: string } = {}): Promise<BuiltPlugin> {
  const { packed, manifest } = await packPlugin(await checkFolder(directory))
  const file = join(resolve(out), `${manifest.id}.veneer.tgz`)
  await write(file, packed)
  return { file, manifest, artifact: sha256(packed), bytes: packed.length }
}

/** Packs a plugin that has been looked at. @throws PluginFaultsError */
export async function packPlugin({ faults, sound, files, layout }: Checked): Promise<{ packed: Buffer; manifest: ArtifactManifest }> {
  if (!sound || faults.length > 0) throw new PluginFaultsError(faults)
  const { description, bundle, sdk, licenses } = sound
  const scripts = await Promise.all(files.map(async (file): Promise<[string, Buffer]> => [`scripts/${file}`, await readFile(join(layout.scripts, file))]))
  const parts: [string, Buffer][] = [["LICENSES.txt", Buffer.from(licenses)], ["plugin.js", Buffer.from(bundle.code)], ["scripts/lib.sh", await readFile(libraryPath())], ...scripts]
  const contents = new Map(parts.sort(([a], [b]) => (a < b ? -1 : 1)))
  const checksums = Object.fromEntries([...contents].map(([path, content]) => [path, sha256(content)]))
  const manifest: ArtifactManifest = { format: 1, ...description, sdk, checksums }
  contents.set("manifest.json", Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`))
  const packed = await pack(contents)
  holdLimits(contents, packed)
  return { packed, manifest }
}

function holdLimits(contents: ReadonlyMap<string, Buffer>, packed: Buffer): void {
  const unpacked = [...contents.values()].reduce((sum, content) => sum + content.length, 0)
  const over = [
    contents.size > artifactLimits.files && `${contents.size} files; an artifact holds at most ${artifactLimits.files}`,
    unpacked > artifactLimits.unpackedBytes && `${unpacked} bytes; an artifact holds at most ${artifactLimits.unpackedBytes}`,
    packed.length > artifactLimits.packedBytes && `${packed.length} bytes packed; an artifact has at most ${artifactLimits.packedBytes}`,
  ].filter((text) => text !== false)
  if (over.length > 0) throw new PluginFaultsError(over.map((text) => ({ place: "scripts", message: `The plugin has ${text}.`, mend: "Leave out what it doesn't need." })))
}

/** Whole or not at all. */
async function write(file: string, packed: Buffer): Promise<void> {
  await mkdir(join(file, ".."), { recursive: true })
  const half = `${file}.${process.pid}`
  await writeFile(half, packed)
  await rename(half, file)
}

const sha256 = (data: Buffer) => createHash("sha256").update(data).digest("hex")
