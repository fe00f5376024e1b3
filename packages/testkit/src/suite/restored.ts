import { BrokenPromise } from "./broken-promise.ts"
import { isRunning } from "./health.ts"
import type { Kit } from "./kit.ts"
import { mountedNow } from "./mounting.ts"
import { vdbSubject } from "./subjects.ts"
import { Take } from "./take.ts"
import type { WorkflowName } from "./workflow.ts"
import { names, type World } from "./world.ts"

/** Workflows that are not undone: what stopped is gone on with by the next. */
const goesOn: readonly WorkflowName[] = ["delete", "dsource-delete", "stop", "start"]

/** After a workflow was undone, the VDB is as it was: one that ran runs again. */
export async function expectRestored(kit: Kit, workflow: WorkflowName, before: Pick<World, "dsource" | "vdb">): Promise<void> {
  const { vdb } = kit.world
  if (goesOn.includes(workflow) || !vdb || !before.vdb || before.vdb.state !== "active") return
  const take = new Take(kit, workflow, {})
  const subject = vdbSubject(kit, vdb)
  const mounts = await mountedNow(take, subject, names.vdb(vdb))
  if ((await isRunning(take, subject, mounts)) !== false) return
  throw new BrokenPromise({
    found: `After ${workflow} was undone the VDB does not run, as it did before.`,
    promise: "A failing step undoes the finished ones in reverse: the VDB is mounted and running again.",
    action: "See that reconfigure, with the reason rollback, brings it up from whatever unconfigure left.",
    log: kit.log,
  })
}
