import type { Kit } from "./kit.ts"
import { play } from "./play.ts"
import type { WorkflowName } from "./workflow.ts"
import type { Dsource, Vdb } from "./world.ts"

type Playing = (workflow: WorkflowName) => Promise<unknown>

/** What has to be there before a workflow: undefined is nothing. */
export interface Before {
  dsource?: Dsource["state"] | "none"
  vdb?: Vdb["state"] | "none"
}

const before: Record<WorkflowName, Before> = {
  discover: {},
  link: { vdb: "none", dsource: "none" },
  sync: { dsource: "active" },
  resync: { dsource: "active" },
  "dsource-disable": { dsource: "active" },
  "dsource-enable": { dsource: "disabled" },
  provision: { dsource: "active", vdb: "none" },
  snapshot: { vdb: "active" },
  stop: { vdb: "active" },
  start: { vdb: "inactive" },
  disable: { vdb: "active" },
  enable: { vdb: "disabled" },
  rewind: { vdb: "active" },
  refresh: { dsource: "active", vdb: "active" },
  create: { vdb: "none" },
  delete: { vdb: "active" },
  "dsource-delete": { vdb: "none", dsource: "active" },
}

/** What else a workflow may begin from, by what it is called in a test's name. */
const beforeToo: Partial<Record<WorkflowName, Readonly<Record<string, Before>>>> = {
  snapshot: { "of a stopped VDB": { vdb: "inactive" } },
  disable: { "of a stopped VDB": { vdb: "inactive" } },
  rewind: { "of a stopped VDB": { vdb: "inactive" } },
  refresh: { "of a stopped VDB": { dsource: "active", vdb: "inactive" } },
  delete: { "of a stopped VDB": { vdb: "inactive" }, "of a disabled VDB": { vdb: "disabled" } },
  "dsource-delete": { "of a disabled dSource": { vdb: "none", dsource: "disabled" } },
}

/** The further beginnings of a workflow that a plugin's operations allow. */
export function otherBeginnings(workflow: WorkflowName, operations: readonly string[]): [name: string, before: Before][] {
  return Object.entries(beforeToo[workflow] ?? {}).filter(([, { vdb }]) => vdb !== "inactive" || operations.includes("virtual.stop"))
}

/** Brings about what a workflow finds when it begins, by playing those that lead there. */
export async function arrange(kit: Kit, workflow: WorkflowName, playing: Playing = (name) => play(kit, name), { dsource, vdb }: Before = before[workflow]): Promise<void> {
  if (workflow === "discover") return
  if (!kit.world.sourceConfig) await playing("discover")
  if (vdb === "none" && kit.world.vdb) await playing("delete")
  if (dsource !== undefined) await arrangeDsource(kit, dsource, playing)
  if (vdb !== undefined && vdb !== "none") await arrangeVdb(kit, vdb, playing)
}

async function arrangeDsource({ world }: Kit, wanted: Dsource["state"] | "none", playing: Playing): Promise<void> {
  if (wanted === "none") {
    if (world.dsource) await playing("dsource-delete")
    return
  }
  if (!world.dsource) await playing("link")
  if (world.dsource?.state !== wanted) await playing(wanted === "active" ? "dsource-enable" : "dsource-disable")
}

async function arrangeVdb(kit: Kit, wanted: Vdb["state"], playing: Playing): Promise<void> {
  const { world } = kit
  const stuck = world.vdb?.state === "inactive" && wanted !== "inactive" && !kit.offers("virtual.start")
  if (world.vdb?.isEmpty === true || world.vdb?.state === "deleting" || stuck) await playing("delete")
  if (!world.vdb) {
    await arrangeDsource(kit, "active", playing)
    await playing("provision")
  }
  if (world.vdb?.state === "disabled" && wanted !== "disabled") await playing("enable")
  if (world.vdb?.state === "inactive" && wanted !== "inactive") await playing("start")
  if (world.vdb?.state === "active" && wanted !== "active") await playing(wanted === "inactive" ? "stop" : "disable")
}
