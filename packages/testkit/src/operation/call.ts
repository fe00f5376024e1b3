import type { Plugin, PluginFault, Reason, Schemas } from "@veneer/sdk"
import { inspectPlugin } from "@veneer/sdk/check"
import { createRedactor } from "@veneer/sdk/contract"
import type { PluginDescription } from "@veneer/sdk/describe"
import { Validator } from "@veneer/sdk/values"
import { scriptsIn } from "../hosts/artifact.ts"
import type { TestHost } from "../hosts/host.ts"
import { credentialsFrom, type CredentialsByReference } from "./credentials.ts"
import { folderOf } from "./folder.ts"
import { PortBook } from "./ports.ts"
import { invoke } from "./operation.ts"

/** Where and on whose behalf an operation is called. */
export interface OperationOptions {
  host: TestHost
  /** Folder of the plugin's scripts. Needed where they really run. */
  scripts?: string | URL
  /** The workflow it is called by; `status` unless told. */
  reason?: Reason
  /** What references to secret stores stand for. */
  credentials?: CredentialsByReference
  /** Absolute path of the dataset that `run.sync` fills, for the ingest of a direct plugin. */
  dataset?: string
  /** Cancels it. */
  signal?: AbortSignal
  /** Gets the lines of its log. */
  onLine?: (line: string) => void
}

let calls = 0

/**
 * Calls one operation of a plugin as the engine does, and returns what it returned: held against its schema, with
 * password fields as `Secret`s.
 *
 * @param operation dotted name: `discovery.repositories`
 * @param input what the handler gets besides `run`, `connection` and the like
 * @throws UserError and ScriptError as the handler threw them; an error with code `plugin_failed` or
 *   `plugin_output_invalid` for a broken promise
 * @example
 * const host = scriptedHost({ "find.sh": { repositories: [{ path: "/opt/notes" }] } })
 * expect(await callOperation(plugin, "discovery.repositories", {}, { host })).toEqual([{ path: "/opt/notes" }])
 */
export async function callOperation<S extends Schemas>(plugin: Plugin<S>, operation: string, input: Record<string, unknown>, options: OperationOptions): Promise<unknown> {
  const { host, dataset, credentials = {}, reason = "status", signal = new AbortController().signal, onLine = () => {} } = options
  const scripts = folderOf(options.scripts)
  const ports = new PortBook({ isHere: host.isHere })
  calls += 1
  return invoke({
    plugin, description: describe(plugin, scripts), scripts, host, dataset, operation, input, reason, signal,
    engine: "testkit", key: `call/${calls}`, redactor: createRedactor(), validator: new Validator(),
    log: onLine, progress: () => {}, ports: (request) => ports.reserve("call", request), credentials: credentialsFrom(credentials), volatile: () => new Map(), intercept: (_, go) => go(),
  })
}

/** What a plugin declares. @throws naming every fault of one that is not sound */
export function describe(plugin: unknown, scripts: string | undefined): PluginDescription {
  const { faults, description } = inspectPlugin(plugin, { scripts: scriptsIn(scripts) })
  if (description) return description
  throw new Error(`The plugin is not sound:\n${(faults ?? []).map(sentence).join("\n")}`)
}

const sentence = ({ place, message, mend }: PluginFault): string => `  ${place || "/"}: ${message} ${mend}`
