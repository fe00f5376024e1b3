// Run by the check in a process of its own: `node inspect.js <bundle> <scripts as JSON> <result file>`. Plugin code may
// print what it likes, so the result goes to a file.
import type { Script } from "@veneer/sdk"
import { inspectPlugin, type Inspection } from "@veneer/sdk/check"
import { writeFile } from "node:fs/promises"
import { pathToFileURL } from "node:url"

/** What was heard while a plugin was loaded. */
export interface Inspected {
  inspection: Inspection
  scripts: readonly DeclaredScript[]
}

/** A script that the plugin declares. */
export interface DeclaredScript {
  file: string
  variables: Readonly<Record<string, string>>
  hasOutput: boolean
  /** Where in the bundle, as a stack of calls. */
  stack: string
}

const [, , bundle = "", scripts = "[]", result = ""] = process.argv
const declared: DeclaredScript[] = []
const listen = ({ file, variables, output }: Script): void => void declared.push({ file, variables, hasOutput: output !== undefined, stack: new Error("declared").stack ?? "" })
Object.assign(globalThis, { [Symbol.for("veneer.script")]: listen })
const loaded: { default?: unknown } = await import(pathToFileURL(bundle).href)
const inspected: Inspected = { inspection: inspectPlugin(loaded.default, { scripts: JSON.parse(scripts) }), scripts: declared }
await writeFile(result, JSON.stringify(inspected))
process.exit(0)
