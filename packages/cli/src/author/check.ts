import type { Inspection } from "@veneer/sdk/check"
import type { PluginFault } from "@veneer/sdk"
import type { PluginDescription } from "@veneer/sdk/describe"
import { execa } from "execa"
import { existsSync } from "node:fs"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { bundle, BundleError } from "./bundle.ts"
import { filesBelow, layoutOf, programPath, type Layout } from "./layout.ts"

/** A plugin whose parts have been looked at: fit to be packed when `faults` is empty and `description` there. */
export interface Checked {
  faults: PluginFault[]
  description?: PluginDescription
  /** The plugin's code as one ES module. */
  code: string
  /** Paths below the folder of scripts. */
  files: readonly string[]
  layout: Layout
}

/** A plugin's code loads within this time. */
const LOAD_MS = 30_000

/** Everything that is wrong with the plugin in a folder, all at once. */
export async function checkPluginFolder(directory: string): Promise<PluginFault[]> {
  return (await checkFolder(directory)).faults
}

/** The same, with what the build needs. */
export async function checkFolder(directory: string): Promise<Checked> {
  const layout = await layoutOf(directory)
  const files = await filesBelow(layout.scripts)
  const [code, syntax] = await Promise.all([codeOf(layout), syntaxFaults(layout, files)])
  if (typeof code !== "string") return { faults: [...code, ...syntax], code: "", files, layout }
  const { faults = [], description } = await inspect(code, layout, files)
  return { faults: [...faults, ...syntax], ...(description && { description }), code, files, layout }
}

async function codeOf({ entry, directory }: Layout): Promise<string | readonly PluginFault[]> {
  const place = relative(directory, entry)
  if (!existsSync(entry)) return [{ place, message: "The entry file is missing.", mend: `Write it, or name another as "veneer": { "entry": … } in package.json.` }]
  try {
    return await bundle(entry, directory)
  } catch (error) {
    if (error instanceof BundleError) return error.faults
    throw error
  }
}

/** Each script through `bash -n`: it parses, nothing of it runs. */
async function syntaxFaults({ scripts }: Layout, files: readonly string[]): Promise<PluginFault[]> {
  const faults = files.filter((file) => file.endsWith(".sh")).map(async (file): Promise<PluginFault[]> => {
    const { failed, stderr } = await execa("bash", ["-n", "--", join(scripts, file)], { reject: false })
    return failed ? [{ place: `scripts/${file}`, message: stderr.replaceAll(join(scripts, file), file), mend: "Mend the script there." }] : []
  })
  return (await Promise.all(faults)).flat()
}

/** Loads the code in a process of its own, and asks what it declares. */
async function inspect(code: string, { directory, entry }: Layout, files: readonly string[]): Promise<Inspection> {
  const folder = await mkdtemp(join(tmpdir(), "veneer-check-"))
  const [program, plugin, result] = ["inspect.mjs", "plugin.mjs", "result.json"].map((name) => join(folder, name))
  if (program === undefined || plugin === undefined || result === undefined) return { faults: [] }
  try {
    await Promise.all([writeFile(plugin, code), writeFile(program, await bundle(programPath("inspect"), import.meta.dirname))])
    const scripts = JSON.stringify(files.filter((file) => file.endsWith(".sh")))
    const { stderr, timedOut } = await execa(process.execPath, [program, plugin, scripts, result], { cwd: directory, reject: false, timeout: LOAD_MS, stdin: "ignore" })
    if (existsSync(result)) return JSON.parse(await readFile(result, "utf8"))
    const message = timedOut ? `The code did not load within ${LOAD_MS / 1000} s.` : `The code can't be loaded: ${stderr.trim()}`
    return { faults: [{ place: relative(directory, entry), message, mend: "Let the module only declare the plugin." }] }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
