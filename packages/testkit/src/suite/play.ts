import type { Schemas } from "@veneer/sdk"
import { BrokenPromise, told } from "./broken-promise.ts"
import { discover } from "./discover.ts"
import { dsourceDelete, dsourceDisable, dsourceEnable, link, resync, sync } from "./dsource.ts"
import type { Kit } from "./kit.ts"
import type { SourceChoice } from "./options.ts"
import { Stuck } from "../operation/operation.ts"
import { Take, type Direction } from "./take.ts"
import { create, disable, enable, provision, refresh, remove, rewind, start, stop } from "./vdb.ts"
import { snapshot } from "./vdb-snapshot.ts"
import type { WorkflowName } from "./workflow.ts"

const workflows: Record<Exclude<WorkflowName, "discover">, (take: Take) => Promise<void>> = {
  link, sync, resync, "dsource-disable": dsourceDisable, "dsource-enable": dsourceEnable, provision, snapshot, stop, start, disable, enable, rewind, refresh, create,
  delete: remove, "dsource-delete": dsourceDelete,
}

/** How a workflow ended. */
export interface Outcome {
  /** Where the fault struck; undefined when the workflow ended before it would have. */
  struck: string | undefined
  /** What it ended with; undefined for a good end. */
  error?: unknown
}

/**
 * Plays a workflow once; one that fails is undone.
 * @throws BrokenPromise when it fails without a fault, or can't be undone
 */
export async function play<S extends Schemas>(kit: Kit, workflow: WorkflowName, direction: Direction = {}, choice: SourceChoice<S> = {}): Promise<Outcome> {
  const take = new Take(kit, workflow, direction)
  kit.log = []
  try {
    await (workflow === "discover" ? discover(take, choice) : workflows[workflow](take))
    return { struck: take.fault?.struck }
  } catch (error) {
    const struck = take.fault?.struck
    if (struck === undefined) throw await withUndo(take, error)
    const where = `In ${workflow} ${struck}.`
    if (error instanceof BrokenPromise && error.cause instanceof Stuck) throw BrokenPromise.after(where, error)
    await take.undo().catch((second: unknown) => Promise.reject(BrokenPromise.after(where, second)))
    return { struck, error }
  }
}

/** The first failure says more than one of undoing what it left. */
async function withUndo(take: Take, error: unknown): Promise<unknown> {
  await take.undo().catch((second: unknown) => take.kit.log.push(`Undoing it failed, too: ${told(second)}`))
  if (error instanceof BrokenPromise) return error
  return new BrokenPromise({ found: `${take.workflow} failed: ${told(error)}`, promise: "Every workflow that the plugin's operations allow succeeds.", action: "Mend what the message names.", log: take.kit.log, cause: error })
}
