import { existsSync } from "node:fs"
import { readdir, readFile } from "node:fs/promises"
import { join, relative, resolve, sep } from "node:path"
import { fileURLToPath } from "node:url"

/** Where the parts of a plugin are. */
export interface Layout {
  directory: string
  /** Absolute path of the file whose default export is the plugin. */
  entry: string
  /** Absolute path of the folder of scripts. */
  scripts: string
}

/**
 * Finds a plugin's parts: where `veneer.entry` and `veneer.scripts` of its package.json say, else `src/index.ts` and
 * `scripts`.
 */
export async function layoutOf(directory: string): Promise<Layout> {
  const root = resolve(directory)
  const file = join(root, "package.json")
  const { veneer = {} }: { veneer?: { entry?: string; scripts?: string } } = existsSync(file) ? JSON.parse(await readFile(file, "utf8")) : {}
  return { directory: root, entry: resolve(root, veneer.entry ?? "src/index.ts"), scripts: resolve(root, veneer.scripts ?? "scripts") }
}

/** Every file below the folder of scripts, by path with slashes, sorted. */
export async function filesBelow(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return []
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/")).sort()
}

/** The script library that every artifact is given: beside the built CLI, or in the repository. */
export function libraryPath(): string {
  const found = ["../lib.sh", "../../../../shell/lib.sh"].map((path) => fileURLToPath(new URL(path, import.meta.url))).find((path) => existsSync(path))
  if (found === undefined) throw new Error("The CLI's package lacks lib.sh; install it again.")
  return found
}

/** A program of this folder to be bundled, from source or built. */
export function programPath(name: string): string {
  const found = [`./${name}.js`, `./${name}.ts`].map((path) => fileURLToPath(new URL(path, import.meta.url))).find((path) => existsSync(path))
  if (found === undefined) throw new Error(`The CLI's package lacks ${name}.js; install it again.`)
  return found
}
