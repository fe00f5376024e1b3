// Run by the build in a process of its own: `node inspect.js <bundle> <scripts as JSON> <result file>`. Plugin code may
// print what it likes, so the result goes to a file.
import { writeFile } from "node:fs/promises"
import { pathToFileURL } from "node:url"
import type { Plugin } from "@veneer/sdk"
import { checkPlugin } from "@veneer/sdk/check"
import { describePlugin } from "@veneer/sdk/describe"

const [, , bundle = "", scripts = "[]", result = ""] = process.argv
const { default: plugin }: { default?: unknown } = await import(pathToFileURL(bundle).href)
const faults = checkPlugin(plugin, { scripts: JSON.parse(scripts) })
const description = faults.length === 0 ? describePlugin(plugin as Plugin) : undefined // what has no fault is one
await writeFile(result, JSON.stringify({ faults, description }))
process.exit(0)
