import { Type, type Static } from "typebox"
import { VDB_HOOKS } from "../../workflows/requests.ts"
import { ForceQuery, UsageShape } from "./dsources.ts"
import { JobShape } from "./jobs.ts"
import type { RouteSchemas } from "./route.ts"
import { Bytes, choice, HealthShape, hooks, IdParams, Name, NameOrId, page, Paging, pluginValue, Reference, SeenHealthShape, strict, Time } from "./shapes.ts"

/** A running, writable clone. */
export const VdbShape = Type.Object({
  id: Type.String(),
  name: Type.String(),
  plugin: Type.String(),
  state: choice(["creating", "active", "inactive", "disabled", "deleting"]),
  environment: Reference,
  repository: Reference,
  pool: Type.String(),
  parent: Type.Optional(
    Type.Object({ kind: choice(["dsource", "vdb"]), id: Type.String(), name: Type.String(), snapshot: Type.String() }, { description: "What its content came from." }),
  ),
  generation: Type.Integer({ description: "Rises with each refresh and rewind." }),
  parameters: pluginValue("As the plugin's virtualSource schema describes them."),
  sourceConfig: Type.Optional(pluginValue("What the plugin made of it; absent until it has.")),
  hooks: hooks(VDB_HOOKS),
  health: Type.Optional(SeenHealthShape),
  sizeBytes: Type.Optional(Bytes),
  createdAt: Time,
})
export type Vdb = Static<typeof VdbShape>

export type Health = Static<typeof HealthShape>

const AccessShape = Type.Object({
  url: Type.Optional(Type.String({ description: "Ready to paste into a client. Holds secrets." })),
  command: Type.Optional(Type.Array(Type.String(), { description: "A client and its arguments." })),
  environment: Type.Optional(Type.Unsafe<Record<string, string>>({ type: "object", additionalProperties: { type: "string" }, description: "Environment variables for it. Holds secrets." })),
})
export type Access = Static<typeof AccessShape>

const Point = Type.Object(
  { at: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: "A snapshot's id, `latest`, or a moment in RFC 3339 with a zone. The latest unless told." })) },
  strict,
)

const made = Type.Object({ vdb: VdbShape, job: JobShape })

const settings = {
  parameters: Type.Optional(pluginValue("As the plugin's virtualSource schema asks.")),
  hooks: Type.Optional(hooks(VDB_HOOKS)),
}

const verb = (summary: string) => ({ tag: "vdbs" as const, summary, params: IdParams, status: 202 as const, reply: JobShape })

export const vdbRoutes = {
  listVdbs: { tag: "vdbs", summary: "List VDBs.", query: Type.Object(Paging), status: 200, reply: page(VdbShape) },
  provisionVdb: {
    tag: "vdbs", summary: "Provision a VDB from a snapshot.", status: 202, reply: made,
    body: Type.Object(
      {
        name: Name,
        from: Type.String({ minLength: 1, maxLength: 200, description: "A dSource or VDB, or a snapshot's id." }),
        at: Point.properties.at,
        environment: Type.Optional(NameOrId),
        repository: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: "Where several repositories fit." })),
        ...settings,
      },
      strict,
    ),
  },
  createEmptyVdb: {
    tag: "vdbs", summary: "Create a VDB that begins empty.", status: 202, reply: made,
    body: Type.Object(
      { name: Name, plugin: Type.String({ minLength: 1, maxLength: 63 }), environment: NameOrId, repository: Type.Optional(NameOrId), pool: Type.Optional(NameOrId), ...settings },
      strict,
    ),
  },
  showVdb: { tag: "vdbs", summary: "Show a VDB.", params: IdParams, status: 200, reply: VdbShape },
  startVdb: verb("Start a VDB."),
  stopVdb: verb("Stop a VDB; it stays attached."),
  enableVdb: verb("Attach a disabled VDB again and start it."),
  disableVdb: verb("Stop and detach a VDB without deleting it."),
  snapshotVdb: verb("Take a snapshot of a VDB."),
  refreshVdb: { ...verb("Replace a VDB's content from its parent."), body: Point },
  rewindVdb: { ...verb("Return a VDB to its own earlier point."), body: Point },
  deleteVdb: { ...verb("Delete a VDB with its snapshots."), query: ForceQuery },
  showVdbStatus: { tag: "vdbs", summary: "Ask the plugin how a VDB is right now.", params: IdParams, status: 200, reply: HealthShape },
  showVdbUsage: { tag: "vdbs", summary: "Measure the storage a VDB takes.", params: IdParams, status: 200, reply: UsageShape },
  showVdbAccess: {
    tag: "vdbs", summary: "Tell how a VDB is reached. The one answer that reveals secrets.", params: IdParams, status: 200, reply: AccessShape,
    query: Type.Object({ wait: Type.Optional(Type.Integer({ minimum: 0, maximum: 3600, description: "For so many seconds at most, wait while the VDB is being made; not at all unless told." })) }),
  },
} satisfies Record<string, RouteSchemas>
