import { Type, type Static } from "typebox"
import { JobShape } from "./jobs.ts"
import type { RouteSchemas } from "./route.ts"
import { choice, IdParams, NameOrId, page, Paging, pluginValue, ProblemShape, Time } from "./shapes.ts"

/** A dSource or VDB at one moment. */
export const SnapshotShape = Type.Object({
  id: Type.String(),
  owner: Type.Object({ kind: choice(["dsource", "vdb"]), id: Type.String(), name: Type.String() }),
  timeflow: Type.String(),
  pool: Type.String(),
  state: choice(["taken", "published", "publish_failed"]),
  metadata: pluginValue("As the plugin's snapshot schema describes it."),
  problem: Type.Optional(ProblemShape),
  takenAt: Time,
})
export type Snapshot = Static<typeof SnapshotShape>

export const snapshotRoutes = {
  listSnapshots: {
    tag: "snapshots", summary: "List snapshots, newest first: of one dSource, one VDB, or all.", status: 200, reply: page(SnapshotShape),
    query: Type.Object({ ...Paging, dsource: Type.Optional(NameOrId), vdb: Type.Optional(NameOrId) }),
  },
  showSnapshot: { tag: "snapshots", summary: "Show a snapshot.", params: IdParams, status: 200, reply: SnapshotShape },
  deleteSnapshot: { tag: "snapshots", summary: "Delete a snapshot that no VDB came from.", params: IdParams, status: 202, reply: JobShape },
} satisfies Record<string, RouteSchemas>
