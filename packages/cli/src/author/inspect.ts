// Run by the build in a process of its own: `node inspect.js <bundle> <scripts as JSON> <result file>`. Plugin code may
// print what it likes, so the result goes to a file.
import { inspectPlugin } from "@veneer/sdk/check"
import { writeFile } from "node:fs/promises"
import { pathToFileURL } from "node:url"

const [, , bundle = "", scripts = "[]", result = ""] = process.argv
const loaded: { default?: unknown } = await import(pathToFileURL(bundle).href)
await writeFile(result, JSON.stringify(inspectPlugin(loaded.default, { scripts: JSON.parse(scripts) })))
process.exit(0)
