import { existsSync } from "node:fs"
import { appendFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { basename, dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { UsageError } from "../errors.ts"
import { importSchema } from "./import-schema.ts"
import type { ImportNote } from "./import/notes.ts"
import { filesBelow } from "./layout.ts"

/** How a plugin ingests. */
export type Ingestion = "staged" | "direct"

/** What a new plugin is called and how it ingests. */
export interface NewPlugin {
  /** Lower-case letters, digits and dashes. */
  id: string
  /** As people read it. */
  name: string
  ingestion: Ingestion
  /** Of another kind of plugin, parsed; without one the plugin is a working example. */
  foreignSchema?: unknown
}

/** A plugin that has been written. */
export interface WrittenPlugin {
  /** The paths of its files, sorted. */
  files: readonly string[]
  /** What of a foreign schema does not carry over as it was. */
  notes: readonly ImportNote[]
}

const TEMPLATES = fileURLToPath(new URL("../../templates", import.meta.url))
/** What stands in the templates for the plugin's own id and name. */
const ID = "template-id"
const NAME = "Template Name"

/** Writes a plugin that is whole as it is: it builds, and passes its own tests. @throws UsageError */
export async function initPlugin(directory: string, { id, name, ingestion, foreignSchema }: NewPlugin): Promise<WrittenPlugin> {
  checkId(id)
  checkName(name)
  await refuseUsed(directory)
  if (foreignSchema === undefined) return { files: await writeTemplates(directory, ["common", "example", ingestion], { id, name }), notes: [] }
  const { code, notes } = importSchema(foreignSchema)
  const files = await writeTemplates(directory, ["common", "imported", `imported-${ingestion}`], { id, name })
  await writeFile(join(directory, "src/schemas.ts"), code)
  if (notes.length > 0) await appendFile(join(directory, "README.md"), `\n## What did not carry over\n\n${notes.map(({ pointer, message }) => `- \`${pointer || "/"}\`: ${message}\n`).join("")}`)
  return { files: [...files, "src/schemas.ts"].sort(), notes }
}

/** Writes the files of some templates. @returns their paths, sorted */
async function writeTemplates(directory: string, templates: readonly string[], { id, name }: Pick<NewPlugin, "id" | "name">): Promise<string[]> {
  const parts = await Promise.all(templates.map(async (part) => (await filesBelow(join(TEMPLATES, part))).map((file) => ({ file, from: join(TEMPLATES, part, file) }))))
  const written = await Promise.all(parts.flat().map(async ({ file, from }) => {
    // npm leaves a .gitignore out of what it packs.
    const path = file === "gitignore" ? ".gitignore" : file
    const to = join(directory, path)
    await mkdir(dirname(to), { recursive: true })
    const text = await readFile(from, "utf8")
    await writeFile(to, text.replaceAll(ID, id).replaceAll(NAME, () => (file.endsWith(".ts") ? JSON.stringify(name).slice(1, -1) : name)))
    return path
  }))
  return written.sort()
}

/** @throws UsageError */
export function checkId(id: string): void {
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(id)) throw new UsageError(`"${id}" can't be a plugin's id.`, "Use lower-case letters, digits and dashes, at most 63, a letter first: --id my-source")
}

/** @throws UsageError */
export function checkName(name: string): void {
  if (!/^\S(?:.{0,78}\S)?$/u.test(name) || /\p{C}/u.test(name)) throw new UsageError(`"${name}" can't be a plugin's name.`, `Give one line of at most 80 characters: --name "My source"`)
}

/** An id that the folder's name suggests. */
export function suggestedId(directory: string): string {
  const plain = basename(resolve(directory)).toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^[^a-z]+|-+$/g, "").slice(0, 63)
  return plain === "" ? "my-source" : plain
}

/** `my-source` reads as `My source`. */
export const suggestedName = (id: string): string => id.replaceAll("-", " ").replace(/^./, (letter) => letter.toUpperCase())

/** @throws UsageError when the folder holds anything but a repository's own folder */
export async function refuseUsed(directory: string): Promise<void> {
  const found = existsSync(directory) ? (await readdir(directory).catch(() => ["."])).filter((name) => name !== ".git") : []
  if (found.length > 0) throw new UsageError(`${directory} is not an empty folder.`, "Name one that is not there yet: veneer plugin init <directory>")
}
