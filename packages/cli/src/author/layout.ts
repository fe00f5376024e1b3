import { existsSync } from "node:fs"
import { readdir, readFile } from "node:fs/promises"
import { join, relative, resolve, sep } from "node:path"
import { fileURLToPath } from "node:url"
import { UsageError } from "../errors.ts"
import type { Fault } from "./fault.ts"

/** Where the parts of a plugin are. */
export interface Layout {
  directory: string
  /** Absolute path of the file whose default export is the plugin. */
  entry: string
  /** Absolute path of the folder of scripts. */
  scripts: string
  /** What the plugin's package.json says; empty without one. */
  manifest: Readonly<Record<string, unknown>>
}

/**
 * Finds a plugin's parts: where `veneer.entry` and `veneer.scripts` of its package.json say, else `src/index.ts` and
 * `scripts`.
 * @returns also what is wrong with its package.json
 * @throws UsageError when there is no such folder
 */
export async function layoutOf(directory: string): Promise<{ layout: Layout; faults: Fault[] }> {
  const root = resolve(directory)
  if (!existsSync(root)) throw new UsageError(`There is no folder ${directory}.`, `Make a plugin there: veneer plugin init ${directory}`)
  const { manifest, faults } = await readManifest(join(root, "package.json"))
  const { entry, scripts } = isRecord(manifest["veneer"]) ? manifest["veneer"] : {}
  const at = (given: unknown, usual: string) => resolve(root, typeof given === "string" ? given : usual)
  return { layout: { directory: root, entry: at(entry, "src/index.ts"), scripts: at(scripts, "scripts"), manifest }, faults }
}

async function readManifest(file: string): Promise<{ manifest: Record<string, unknown>; faults: Fault[] }> {
  if (!existsSync(file)) return { manifest: {}, faults: [] }
  const text = await readFile(file, "utf8")
  try {
    const value: unknown = JSON.parse(text)
    if (isRecord(value)) return { manifest: value, faults: [] }
    return { manifest: {}, faults: [{ place: "package.json:1:1", message: "package.json holds no object.", mend: `Write it as { "name": …, "type": "module" }.` }] }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const before = text.slice(0, Number(/position (\d+)/.exec(message)?.[1] ?? text.length)).split("\n")
    return { manifest: {}, faults: [{ place: `package.json:${before.length}:${(before.at(-1) ?? "").length + 1}`, message: `package.json is no JSON: ${message}.`, mend: "Mend it there." }] }
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value)

/** Every file below the folder of scripts, by path with slashes, sorted. */
export async function filesBelow(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return []
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/")).sort()
}

/** The script library that every artifact is given: beside the built CLI, or in the repository. */
export function libraryPath(): string {
  return ownFile("lib.sh", ["../lib.sh", "../../../../shell/lib.sh"])
}

/** A program of this folder to be bundled, from source or built. */
export function programPath(name: string): string {
  return ownFile(`${name}.js`, [`./${name}.js`, `./${name}.ts`])
}

function ownFile(name: string, places: readonly string[]): string {
  const found = places.map((path) => fileURLToPath(new URL(path, import.meta.url))).find((path) => existsSync(path))
  if (found === undefined) throw new Error(`The CLI's package lacks ${name}; install it again.`)
  return found
}
