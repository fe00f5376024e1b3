import { isObject } from "@veneer/sdk/values"
import { BrokenPromise } from "./broken-promise.ts"
import type { Subject, Take } from "./take.ts"
import type { Mounts } from "./mounts.ts"

/** The state a status operation returned. */
export const healthOf = (health: unknown): string => (isObject(health) ? String(health["state"]) : "unknown")

/** Whether a VDB runs, as its plugin sees it; undefined for a plugin that can't tell. */
export async function isRunning(take: Take, subject: Subject, mounts: Mounts): Promise<boolean | undefined> {
  if (!take.kit.offers("virtual.status")) return undefined
  const state = healthOf(await take.call(subject, "virtual.status", "status", { mounts }))
  return state === "active" || state === "degraded"
}

/** Holds a VDB's health against what the workflow promises. */
export async function expectRunning(take: Take, subject: Subject, mounts: Mounts, { operation, running }: { operation: string; running: boolean }): Promise<void> {
  const found = await isRunning(take, subject, mounts)
  if (found === undefined || found === running) return
  throw new BrokenPromise({
    found: `After ${operation} in ${take.workflow} virtual.status says that the VDB ${found ? "still runs" : "does not run"}.`,
    promise: running ? "configure, reconfigure, initialize and start leave the VDB running." : "stop leaves the VDB stopped.",
    action: "Wait in the script until the server answers, or has ended; see that virtual.status looks at this VDB and no other.",
    log: take.kit.log,
  })
}
