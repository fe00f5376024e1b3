import type { Health } from "@veneer/sdk"
import type { DsourceRecord } from "../catalog/dsources.ts"
import type { VdbRecord } from "../catalog/vdbs.ts"
import { EngineError } from "../errors.ts"
import type { Step } from "../jobs/job.ts"
import { callPlugin, type Subject } from "./call.ts"
import type { Engine } from "./engine.ts"
import { mountsOf, type Mounts } from "./mounts.ts"
import { vdbDataset } from "./names.ts"

/** @throws EngineError `wrong_state`, with the way to a state that would do */
export function requireState<O extends VdbRecord | DsourceRecord>(object: O, ...states: O["state"][]): void {
  if (states.includes(object.state)) return
  throw new EngineError("wrong_state", `"${object.name}" is ${object.state}, and would have to be ${states.join(" or ")}.`, { action: advice(object) })
}

function advice(object: VdbRecord | DsourceRecord): string {
  const isVdb = "generation" in object
  const noun = isVdb ? "vdb" : "dsource"
  const advices: Record<VdbRecord["state"] | DsourceRecord["state"], string> = {
    disabled: `Run \`veneer ${noun} enable ${object.name}\` first.`,
    inactive: `Run \`veneer vdb start ${object.name}\` first.`,
    active: `Run \`veneer ${noun} disable ${object.name}\` first.`,
    deleting: `It is being deleted; run \`veneer ${isVdb ? "vdb delete" : "dsource unlink"} ${object.name}\` again if that stopped.`,
    creating: "Wait for the job that makes it.",
    linking: "Wait for the job that links it.",
  }
  return advices[object.state]
}

/** @throws EngineError `not_offered` when a plugin lacks an operation */
export function requireOffered(engine: Engine, pluginId: string, operation: string): void {
  if (engine.plugins.offers(pluginId, operation)) return
  throw new EngineError("not_offered", `The plugin "${pluginId}" has no operation ${operation}.`)
}

/** The mounts of an attached VDB. @throws EngineError `wrong_state` when they are not there */
export async function mountedVdb(engine: Engine, step: Step, subject: Subject, vdb: VdbRecord): Promise<Mounts> {
  const mounts = await mountsOf(engine, step, subject, { pool: vdb.pool, dataset: vdbDataset(vdb) })
  if (mounts) return mounts
  throw new EngineError("wrong_state", `"${vdb.name}" is not mounted.`, { action: `Run \`veneer vdb disable ${vdb.name}\`, then \`veneer vdb enable ${vdb.name}\`.` })
}

/** How a VDB is, as its plugin sees it; a plugin without a status operation has VDBs that are active once mounted. */
export async function observe(engine: Engine, step: Step, subject: Subject, mounts: Mounts): Promise<Health> {
  if (!engine.plugins.offers(subject.pluginId, "virtual.status")) return { state: "active" }
  return callPlugin(engine, step, subject, "virtual.status", "status", { mounts })
}
