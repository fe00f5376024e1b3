import { Secret, type Access, type Health } from "@veneer/sdk"
import { saveHealth } from "../catalog/observed.ts"
import type { VdbRecord } from "../catalog/vdbs.ts"
import { EngineError, problemOf } from "../errors.ts"
import type { Step } from "../jobs/job.ts"
import type { PluginValue } from "../plugins/port.ts"
import { callPlugin, dsourceSubject, vdbSubject } from "./call.ts"
import type { Engine } from "./engine.ts"
import { theDsource, theVdb } from "./find.ts"
import { mountsOf } from "./mounts.ts"
import { vdbDataset } from "./names.ts"
import { stagingMounts } from "./staging.ts"
import { observe } from "./state.ts"

const DEADLINE_MS = 30_000

/** How a VDB is right now, as its plugin sees it; kept with it as what was last seen. */
export async function vdbStatus(engine: Engine, nameOrId: string, stop?: AbortSignal): Promise<Health> {
  const vdb = await theVdb(engine, nameOrId)
  if (vdb.state === "creating" || vdb.state === "deleting") return { state: "unknown", reason: `It is ${vdb.state}.`, action: "Wait for the job that works on it." }
  if (vdb.state === "disabled") return { state: "inactive", reason: "It is disabled.", action: `Run \`veneer vdb enable ${vdb.name}\`.` }
  const step = looking(`status/${vdb.id}`, stop)
  const health = await asked(step, async () => {
    const subject = await vdbSubject(engine, vdb)
    const mounts = await mountsOf(engine, step, subject, { pool: vdb.pool, dataset: vdbDataset(vdb) })
    if (!mounts) return { state: "inactive", reason: "Its data is not mounted.", action: `Run \`veneer vdb disable ${vdb.name}\`, then \`veneer vdb enable ${vdb.name}\`.` }
    return observe(engine, step, subject, mounts)
  })
  stop?.throwIfAborted()
  await saveHealth(engine.catalog, "vdb", vdb.id, health)
  return health
}

/** The same for a dSource: how its staging is. One whose plugin can't tell is as its state says. */
export async function dsourceStatus(engine: Engine, nameOrId: string, stop?: AbortSignal): Promise<Health> {
  const dsource = await theDsource(engine, nameOrId)
  if (dsource.state === "linking" || dsource.state === "deleting") return { state: "unknown", reason: `It is ${dsource.state}.`, action: "Wait for the job that works on it." }
  if (dsource.state === "disabled") return { state: "inactive", reason: "It is disabled.", action: `Run \`veneer dsource enable ${dsource.name}\`.` }
  if (!engine.plugins.offers(dsource.pluginId, "linked.status")) return { state: "active" }
  const step = looking(`status/${dsource.id}`, stop)
  const health = await asked(step, async () => {
    const subject = await dsourceSubject(engine, dsource)
    const mounts = await stagingMounts(engine, step, subject, dsource)
    if (!mounts) return { state: "inactive", reason: "Its data is not mounted on staging.", action: `Run \`veneer dsource disable ${dsource.name}\`, then \`veneer dsource enable ${dsource.name}\`.` }
    return callPlugin(engine, step, subject, "linked.status", "status", { mounts })
  })
  stop?.throwIfAborted()
  await saveHealth(engine.catalog, "dsource", dsource.id, health)
  return health
}

/** What can't be asked is unknown, whatever the reason: never inactive. */
async function asked({ signal }: Step, look: () => Promise<Health>): Promise<Health> {
  try {
    return await look()
  } catch (thrown) {
    if (signal.aborted) return { state: "unknown", reason: `There was no answer within ${DEADLINE_MS / 1000} s.`, action: "Check that the host is up and not overloaded, then look again." }
    const { message, action } = problemOf(thrown)
    return { state: "unknown", reason: message, action }
  }
}

/** How a VDB is reached, with its secrets: what its source config's schema says under `access`. */
export function vdbAccess(engine: Engine, vdb: VdbRecord): { url?: string; command?: string[]; environment?: Record<string, string> } {
  const { sourceConfig } = vdb
  if (!sourceConfig) throw new EngineError("wrong_state", `"${vdb.name}" is ${vdb.state}.`, { action: "Wait for the job that makes it." })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keyword was held against its meta-schema when the plugin was uploaded
  const access = engine.plugins.manifest(vdb.pluginId).schemas.sourceConfig["access"] as Access | undefined
  if (!access) throw new EngineError("not_offered", `The plugin "${vdb.pluginId}" does not say how its VDBs are reached.`)
  const plain = (text: string) => fill(text, sourceConfig, (value) => value)
  return {
    ...(access.url !== undefined && { url: fill(access.url, sourceConfig, encodeURIComponent) }),
    ...(access.command && { command: access.command.map(plain) }),
    ...(access.environment && { environment: Object.fromEntries(Object.entries(access.environment).map(([name, text]) => [name, plain(text)])) }),
  }
}

function fill(template: string, values: PluginValue, encode: (value: string) => string): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    return encode(value instanceof Secret ? value.reveal() : typeof value === "string" || typeof value === "number" ? String(value) : "")
  })
}

/** What an operation called outside any job gets. */
export function looking(key: string, stop?: AbortSignal, deadlineMs = DEADLINE_MS): Step {
  const deadline = AbortSignal.timeout(deadlineMs)
  return { jobId: "", key, signal: stop ? AbortSignal.any([deadline, stop]) : deadline, log: () => undefined, progress: () => undefined }
}
