import { relative } from "node:path"
import type { PluginDescription } from "@veneer/sdk/describe"
import type { Bundle } from "./bundle.ts"
import type { Fault } from "./fault.ts"
import type { DeclaredScript, Inspected } from "./inspect.ts"
import type { Inspector } from "./inspector.ts"
import type { Layout } from "./layout.ts"
import type { Positions } from "./positions.ts"

/** What a plugin's code declares. */
export interface Loaded {
  faults: Fault[]
  /** There when the declaration is sound. */
  description?: PluginDescription
  /** Undefined when the code could not be loaded. */
  scripts?: readonly DeclaredScript[]
}

/** Loads a plugin's code, and asks what it declares. @param files paths below the folder of scripts */
export async function load(inspector: Inspector, { code }: Bundle, positions: Positions, { layout: { directory, entry }, files }: { layout: Layout; files: readonly string[] }): Promise<Loaded> {
  const heard = await inspector.inspect(code, files.filter((file) => file.endsWith(".sh")))
  if ("inspection" in heard) return located(heard, positions)
  const message = heard.failure.endsWith(".") ? heard.failure : `${heard.failure}: ${messageIn(heard.stderr)}`
  return { faults: [{ place: positions.ofStack(heard.stderr) ?? relative(directory, entry), message, mend: "Let the module only declare the plugin." }] }
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
