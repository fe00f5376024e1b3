import type { Job } from "../jobs/job.ts"
import { create } from "./create.ts"
import { dsourceRemove, remove } from "./delete.ts"
import { disable, dsourceDisable } from "./disable.ts"
import { discover } from "./discover.ts"
import { dsourceEnable, enable } from "./enable.ts"
import type { Engine } from "./engine.ts"
import { link } from "./link.ts"
import { provision } from "./provision.ts"
import { refresh } from "./refresh.ts"
import { rewind } from "./rewind.ts"
import { snapshot, snapshotDelete } from "./snapshot.ts"
import { start } from "./start.ts"
import { stop } from "./stop.ts"
import { sync } from "./sync.ts"
import { worker } from "./worker.ts"

/** A workflow with the engine it works with already given. */
export type Workflow = (job: Job, request: Record<string, unknown>) => Promise<void>

/** The workflow of each kind of job. */
export function workflowsOf(engine: Engine): Record<string, Workflow> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a job's request is what the workflow's own `request…` function wrote
  const bind = <R>(workflow: (engine: Engine, job: Job, request: R) => Promise<void>): Workflow => (job, request) => workflow(engine, job, request as R)
  return {
    discover: bind(discover),
    link: bind(link),
    sync: bind(sync),
    worker: bind(worker),
    "dsource-enable": bind(dsourceEnable),
    "dsource-disable": bind(dsourceDisable),
    "dsource-delete": bind(dsourceRemove),
    provision: bind(provision),
    create: bind(create),
    snapshot: bind(snapshot),
    "snapshot-delete": bind(snapshotDelete),
    refresh: bind(refresh),
    rewind: bind(rewind),
    start: bind(start),
    stop: bind(stop),
    enable: bind(enable),
    disable: bind(disable),
    delete: bind(remove),
  }
}
