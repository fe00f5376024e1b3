// Run by the check in a process of its own. Standard input brings one line, an `InspectionRequest` as JSON. Plugin code
// may print what it likes, so the result goes to a file.
import type { Script } from "@veneer/sdk"
import { inspectPlugin, type Inspection } from "@veneer/sdk/check"
import { writeFile } from "node:fs/promises"
import { createInterface } from "node:readline"
import { pathToFileURL } from "node:url"

/** What is to be loaded, and where the result goes. */
export interface InspectionRequest {
  bundle: string
  /** Paths below the folder of scripts. */
  scripts: readonly string[]
  result: string
}

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

/** Undefined when nobody asks any more. */
async function request(): Promise<InspectionRequest | undefined> {
  for await (const line of createInterface({ input: process.stdin })) return JSON.parse(line)
  return undefined
}

async function inspect({ bundle, scripts, result }: InspectionRequest): Promise<void> {
  const declared: DeclaredScript[] = []
  const listen = ({ file, variables, output }: Script): void => void declared.push({ file, variables, hasOutput: output !== undefined, stack: new Error("declared").stack ?? "" })
  Object.assign(globalThis, { [Symbol.for("veneer.script")]: listen })
  const loaded: { default?: unknown } = await import(pathToFileURL(bundle).href)
  const inspected: Inspected = { inspection: inspectPlugin(loaded.default, { scripts }), scripts: declared }
  await writeFile(result, JSON.stringify(inspected))
}

// What checks are made of is compiled by the first: in a process that was started ahead that costs nobody any time.
const nothing = { type: "object", properties: {} }
inspectPlugin({ schemas: { repository: nothing, sourceConfig: nothing, linkedSource: nothing, virtualSource: nothing, snapshot: nothing, snapshotParameters: nothing } }, { scripts: [] })
const asked = await request()
if (asked) await inspect(asked)
process.exit(0)
