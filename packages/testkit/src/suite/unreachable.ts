import { arrange } from "./arrange.ts"
import { BrokenPromise } from "./broken-promise.ts"
import { Fault } from "./fault.ts"
import { healthOf } from "./health.ts"
import type { Kit } from "./kit.ts"
import { mountedNow } from "./mounting.ts"
import { sourceSubject, theDsource, theVdb, vdbSubject } from "./subjects.ts"
import { Take } from "./take.ts"
import type { WorkflowName } from "./workflow.ts"
import { names } from "./world.ts"

/** Which operations look at something, and a workflow that finds it running. */
export const looks = { "linked.status": "dsource-disable", "virtual.status": "disable" } as const satisfies Record<string, WorkflowName>

/** Asks how something is while one of the calls to the host can't be made, for each of them. */
export async function expectUnknown(kit: Kit, operation: keyof typeof looks, playing: (workflow: WorkflowName) => Promise<unknown>): Promise<void> {
  const workflow = looks[operation]
  await arrange(kit, workflow, playing)
  const asking = new Take(kit, workflow, {})
  const { subject, dataset } = operation === "linked.status" ? sourceOf(asking) : vdbOf(asking)
  const direct = operation === "linked.status" && kit.description.ingestion === "direct"
  const input = direct ? {} : { mounts: await mountedNow(asking, subject, dataset) }
  for (let at = 1; ; at++) {
    const take = new Take(kit, workflow, { fault: (cancel) => new Fault("before", { at, afterMs: 0, cancel }) })
    // One that throws leaves it to the engine to say so.
    const state = await take.call(subject, operation, "status", input).then(healthOf, () => "unknown")
    if (take.fault?.struck === undefined) return
    if (state === "inactive") throw new BrokenPromise({
      found: `${operation} said "inactive" when ${take.fault.struck}.`,
      promise: "A host that can't be reached is unknown, never inactive.",
      action: `Let what \`run\` throws pass, or return { state: "unknown", reason } for it.`,
    })
  }
}

const sourceOf = (take: Take) => ({ subject: sourceSubject(take.kit, theDsource(take)), dataset: names.live(theDsource(take)) })

const vdbOf = (take: Take) => ({ subject: vdbSubject(take.kit, theVdb(take)), dataset: names.vdb(theVdb(take)) })
