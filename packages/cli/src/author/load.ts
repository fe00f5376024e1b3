import { execa } from "execa"
import { existsSync } from "node:fs"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import type { PluginDescription } from "@veneer/sdk/describe"
import { bundle, type Bundle } from "./bundle.ts"
import type { Fault } from "./fault.ts"
import type { DeclaredScript, Inspected } from "./inspect.ts"
import { programPath, type Layout } from "./layout.ts"
import type { Positions } from "./positions.ts"

/** A plugin's code loads within this time. */
const LOAD_MS = 30_000

/** What a plugin's code declares. */
export interface Loaded {
  faults: Fault[]
  /** There when the declaration is sound. */
  description?: PluginDescription
  /** Undefined when the code could not be loaded. */
  scripts?: readonly DeclaredScript[]
}

let program: Promise<string> | undefined

/** Loads a plugin's code in a process of its own, and asks what it declares. @param files paths below the folder of scripts */
export async function load({ code }: Bundle, positions: Positions, { directory, entry }: Layout, files: readonly string[]): Promise<Loaded> {
  const folder = await mkdtemp(join(tmpdir(), "veneer-check-"))
  const at = (name: string) => join(folder, name)
  try {
    program ??= bundle(programPath("inspect"), import.meta.dirname).then((inspect) => inspect.code)
    await Promise.all([writeFile(at("plugin.mjs"), code), program.then((text) => writeFile(at("inspect.mjs"), text))])
    const scripts = JSON.stringify(files.filter((file) => file.endsWith(".sh")))
    const argv = [at("inspect.mjs"), at("plugin.mjs"), scripts, at("result.json")]
    const { stderr, timedOut } = await execa(process.execPath, argv, { cwd: directory, reject: false, timeout: LOAD_MS, stdin: "ignore" })
    if (existsSync(at("result.json"))) return located(JSON.parse(await readFile(at("result.json"), "utf8")), positions)
    const message = timedOut ? `The code did not load within ${LOAD_MS / 1000} s.` : `The code can't be loaded: ${messageIn(stderr)}`
    return { faults: [{ place: positions.ofStack(stderr) ?? relative(directory, entry), message, mend: "Let the module only declare the plugin." }] }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function located({ inspection: { faults = [], description }, scripts }: Inspected, positions: Positions): Loaded {
  const withPlaces = faults.map((fault): Fault => {
    const at = fault.place === "" || fault.place.startsWith("/") ? positions.ofPointer(fault.place) : undefined
    return at === undefined ? fault : { ...fault, at }
  })
  return { faults: withPlaces, ...(description && { description }), scripts }
}

/** Node prints the line of code and a stack around it, of paths that mean nothing to the author. */
function messageIn(stderr: string): string {
  const lines = stderr.trim().split("\n")
  return lines.find((line) => /^(?:\w*Error\b|Uncaught|\[)/.test(line)) ?? lines.find((line) => line.trim() !== "" && !line.startsWith("file://")) ?? "its process ended without a word."
}
