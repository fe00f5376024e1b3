import { listEnvironments } from "../catalog/environments.ts"
import { EngineError } from "../errors.ts"
import type { Engine } from "./engine.ts"

/** The job a detached run was started for: its key begins with the job's id. */
export const jobOfRun = (key: string): string => key.split("/")[0] ?? ""

/** A run on a host that is gone is known to be there still, and `veneer engine doctor` discards it once the host is back. */
function leaveUnreachable(error: unknown): void {
  if (!(error instanceof EngineError) || error.code !== "environment_unreachable") throw error
}

/** Forgets a job's detached runs. What they returned is in the job's record by then. */
export async function discardRuns(engine: Engine, jobId: string): Promise<void> {
  for (const environment of await listEnvironments(engine.catalog)) {
    const host = engine.hosts.host(environment)
    for (const key of (await host.listDetached()).filter((run) => jobOfRun(run) === jobId)) await host.discardDetached(key).catch(leaveUnreachable)
  }
}
