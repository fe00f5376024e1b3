import { Type, type Static } from "typebox"
import type { RouteSchemas } from "./route.ts"
import { choice, IdParams, Name, page, Paging, strict, Time } from "./shapes.ts"

/** The engine itself. */
export const EngineShape = Type.Object({
  id: Type.String(),
  version: Type.String(),
  startedAt: Time,
  mountRoot: Type.String(),
  warnings: Type.Array(Type.String(), { description: "What it lacks, and what that costs." }),
})
export type EngineStatus = Static<typeof EngineShape>

/** Something on the hosts or in the pools that does not fit the catalog. */
export const FindingShape = Type.Object({
  kind: choice(["dataset", "mount", "process", "port", "trace", "run", "object"]),
  subject: Type.String(),
  message: Type.String(),
  action: Type.String(),
  fixed: Type.Optional(Type.Boolean()),
})
export type Finding = Static<typeof FindingShape>

const token = { id: Type.String(), name: Type.String(), createdAt: Time }

/** A token, without its text. */
export const TokenShape = Type.Object(token)
export type Token = Static<typeof TokenShape>

/** Something that happened to an object. */
export const EventShape = Type.Object({
  cursor: Type.String(),
  at: Time,
  kind: Type.String(),
  subjectKind: Type.String(),
  subjectId: Type.String(),
  data: Type.Unsafe<Record<string, unknown>>({ type: "object", additionalProperties: true }),
})
export type Event = Static<typeof EventShape>

export const engineRoutes = {
  showEngine: { tag: "engine", summary: "Show what this engine is and what it lacks.", status: 200, reply: EngineShape },
  examine: { tag: "engine", summary: "Compare storage, mounts, ports and processes with the catalog.", status: 200, reply: page(FindingShape) },
  mend: { tag: "engine", summary: "The same, and mend what can be mended.", status: 200, reply: page(FindingShape) },
  listTokens: { tag: "engine", summary: "List tokens; their texts are shown only when made.", query: Type.Object(Paging), status: 200, reply: page(TokenShape) },
  createToken: {
    tag: "engine", summary: "Make a token; its text is in this answer and nowhere else.", status: 201, once: true,
    body: Type.Object({ name: Name }, strict),
    reply: Type.Object({ ...token, token: Type.String() }),
  },
  revokeToken: { tag: "engine", summary: "Revoke a token at once.", params: IdParams, status: 204 },
  watchEvents: { tag: "engine", summary: "Follow what happens to objects; resumable by Last-Event-ID, from now on without.", status: 200, stream: true },
} satisfies Record<string, RouteSchemas>
