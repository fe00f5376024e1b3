import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { dirname, extname, join, relative } from "node:path"
import { canonicalId, compareIds, migrationKinds, type MigrationKind } from "@veneer/sdk/migrate"
import { UsageError } from "../errors.ts"
import { checkFolder } from "./check.ts"
import { PluginFaultsError } from "./fault.ts"

/** A migration that was added to a plugin's source. */
export interface AddedMigration {
  id: string
  kind: MigrationKind
  /** Its file, and what else was written, by path below the plugin's folder. */
  file: string
  changed: readonly string[]
  /** Whether the plugin declares it; else its author has yet to name the list in `definePlugin`. */
  declared: boolean
}

/** Holds a migration each: `1.2-virtualSource.ts`. */
const NAME = /^(\d+(?:\.\d+)*)-(\w+)\.[jt]s$/
const LIST = "index"

/**
 * Adds a migration to the plugin in a folder: a file of its own in `migrations` beside the entry file, in the list of
 * that folder, and the list in `definePlugin` where that has none yet.
 * @param options.id the next one unless told: the last part of the highest, and one
 * @throws UsageError; PluginFaultsError when the plugin can't tell which migrations it has
 */
export async function addMigration(directory: string, kind: string, options: { id?: string | undefined } = {}): Promise<AddedMigration> {
  if (!isKind(kind)) throw new UsageError(`There is no kind "${kind}" of stored value.`, `The kinds are ${migrationKinds.join(", ")}.`)
  const { sound, faults, layout } = await checkFolder(directory)
  if (!sound) throw new PluginFaultsError(faults)
  const id = idFor(options.id, sound.description.migrations.map((migration) => migration.id))
  const extension = extname(layout.entry)
  const folder = join(dirname(layout.entry), "migrations")
  const file = join(folder, `${id}-${kind}${extension}`)
  await mkdir(folder, { recursive: true })
  await writeFile(file, skeleton(id, kind), { flag: "wx" })
  const list = join(folder, LIST + extension)
  const spelling = await importExtension(layout.entry)
  await writeFile(list, listOf(await readdir(folder), spelling))
  const named = await nameIn(layout.entry, `./migrations/${LIST}${spelling}`)
  const after = await checkFolder(directory)
  const path = (absolute: string) => relative(layout.directory, absolute)
  return {
    id, kind, file: path(file), changed: [path(list), ...(named ? [path(layout.entry)] : [])],
    declared: after.sound?.description.migrations.some((migration) => migration.id === id) === true,
  }
}

const isKind = (kind: string): kind is MigrationKind => migrationKinds.some((known) => known === kind)

function idFor(given: string | undefined, taken: readonly string[]): string {
  if (given === undefined) return nextId(taken)
  const id = canonicalId(given)
  if (id === undefined) throw new UsageError(`"${given}" is no id of a migration.`, "Give dotted numbers, not all zero: --id 2024.2")
  if (taken.includes(id)) throw new UsageError(`The plugin has a migration ${id}.`, `Leave --id out for the next one, ${nextId(taken)}.`)
  return id
}

/** After `2024.3` comes `2024.4`. */
function nextId(taken: readonly string[]): string {
  const highest = taken.toSorted(compareIds).at(-1) ?? "0"
  return highest.replace(/\d+$/, (last) => String(BigInt(last) + 1n))
}

const exportOf = (id: string) => `migration${id.replaceAll(".", "_")}`

const what: Readonly<Record<MigrationKind, string>> = {
  repository: "repositories that were found", sourceConfig: "source configs that were found or entered, and what VDBs are reached by", linkedSource: "the parameters of dSources",
  virtualSource: "the parameters of VDBs", snapshot: "the metadata of snapshots",
}

const skeleton = (id: string, kind: MigrationKind) => `import { migration } from "@veneer/sdk"

/**
 * Changes ${what[kind]}, as builds before this one stored them. Runs once for each, on an upgrade.
 * \`old\` may be typed as what was stored, and the result as Static<…> of the schema.
 */
export const ${exportOf(id)} = migration("${id}", "${kind}", (old) => ({ ...old }))
`

/** Written anew from the folder's files each time, in the order in which they run. */
function listOf(files: readonly string[], extension: string): string {
  const found = files.flatMap((file) => {
    const [, id = "", kind = ""] = NAME.exec(file) ?? []
    return id === "" ? [] : [{ id, from: `./${id}-${kind}${extension}` }]
  }).sort((a, b) => compareIds(a.id, b.id))
  const imports = found.map(({ id, from }) => `import { ${exportOf(id)} } from "${from}"`)
  return `// Every migration of this folder, in order; \`veneer plugin migration new\` writes this file.\n${imports.join("\n")}\n\nexport const migrations = [${found.map(({ id }) => exportOf(id)).join(", ")}]\n`
}

/** As the entry file spells its own imports. */
async function importExtension(entry: string): Promise<string> {
  return /from\s+["']\.[^"']*\.js["']/.test(await readFile(entry, "utf8")) ? ".js" : extname(entry)
}

/** Names the list in the entry file, where that is easy and has not been done. @returns whether it was */
async function nameIn(entry: string, list: string): Promise<boolean> {
  const text = await readFile(entry, "utf8")
  const calls = [...text.matchAll(/\bdefinePlugin\(\{(\n[ \t]*)?/g)]
  const [call] = calls
  if (!call || calls.length > 1 || /\bmigrations\b/.test(text)) return false
  const end = call.index + "definePlugin({".length
  const named = `${text.slice(0, end)}${call[1] ?? " "}migrations,${text.slice(end)}`
  const last = [...named.matchAll(/^import\b[^;]*?["'][^"'\n]+["'];?[ \t]*\n/gm)].at(-1)
  const at = last ? last.index + last[0].length : 0
  await writeFile(entry, `${named.slice(0, at)}import { migrations } from "${list}"\n${named.slice(at)}`)
  return true
}

