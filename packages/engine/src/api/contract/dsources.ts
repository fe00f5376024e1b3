import { Type, type Static } from "typebox"
import { DSOURCE_HOOKS } from "../../workflows/requests.ts"
import { JobShape } from "./jobs.ts"
import type { RouteSchemas } from "./route.ts"
import { Bytes, choice, HealthShape, hooks, IdParams, Name, NameOrId, page, Paging, pluginValue, Reference, SeenHealthShape, strict, Time } from "./shapes.ts"

/** An ingested copy of a source config. */
export const DsourceShape = Type.Object({
  id: Type.String(),
  name: Type.String(),
  plugin: Type.String(),
  state: choice(["linking", "active", "disabled", "deleting"]),
  sourceConfig: Reference,
  environment: Reference,
  pool: Type.String(),
  parameters: pluginValue("As the plugin's linkedSource schema describes them."),
  hooks: hooks(DSOURCE_HOOKS),
  health: Type.Optional(SeenHealthShape),
  sizeBytes: Type.Optional(Bytes),
  createdAt: Time,
})
export type Dsource = Static<typeof DsourceShape>

/** What a dataset holds in its pool. */
export const UsageShape = Type.Object({
  ownBytes: Type.Integer({ description: "Bytes that would come free with it." }),
  logicalBytes: Type.Integer({ description: "Bytes its files hold, shared or not." }),
})
export type Usage = Static<typeof UsageShape>

export const ForceQuery = Type.Object({
  force: Type.Optional(Type.Boolean({ description: "Go on where the plugin or the host fails; what stays behind there is for `engine doctor`." })),
})

export const dsourceRoutes = {
  listDsources: { tag: "dsources", summary: "List dSources.", query: Type.Object(Paging), status: 200, reply: page(DsourceShape) },
  linkDsource: {
    tag: "dsources", summary: "Link a source config: ingest it for the first time.", status: 202,
    body: Type.Object(
      {
        name: Name,
        source: Type.String({ minLength: 1, maxLength: 200, description: "Name or id of a source config." }),
        environment: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: "Look for the source on this environment only." })),
        staging: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: "The staging environment; the source's own unless told." })),
        pool: Type.Optional(NameOrId),
        parameters: Type.Optional(pluginValue("As the plugin's linkedSource schema asks.")),
        hooks: Type.Optional(hooks(DSOURCE_HOOKS)),
      },
      strict,
    ),
    reply: Type.Object({ dsource: DsourceShape, job: JobShape }),
  },
  showDsource: { tag: "dsources", summary: "Show a dSource.", params: IdParams, status: 200, reply: DsourceShape },
  syncDsource: {
    tag: "dsources", summary: "Bring a dSource up to date and take a snapshot.", params: IdParams, status: 202, reply: JobShape,
    body: Type.Object(
      {
        resync: Type.Optional(Type.Boolean({ description: "Start over." })),
        parameters: Type.Optional(pluginValue("As the plugin's snapshotParameters schema asks.")),
      },
      strict,
    ),
  },
  enableDsource: { tag: "dsources", summary: "Attach a disabled dSource again.", params: IdParams, status: 202, reply: JobShape },
  disableDsource: { tag: "dsources", summary: "Detach a dSource without deleting it.", params: IdParams, status: 202, reply: JobShape },
  deleteDsource: { tag: "dsources", summary: "Delete a dSource with its snapshots.", params: IdParams, query: ForceQuery, status: 202, reply: JobShape },
  showDsourceStatus: { tag: "dsources", summary: "Ask the plugin how a dSource's staging is right now.", params: IdParams, status: 200, reply: HealthShape },
  showDsourceUsage: { tag: "dsources", summary: "Measure the storage a dSource's live dataset takes.", params: IdParams, status: 200, reply: UsageShape },
} satisfies Record<string, RouteSchemas>
