import type { Static, TSchema } from "typebox"

/** What goes into one operation of the API and what comes back. */
export interface RouteSchemas {
  /** The noun it is listed under in the documentation. */
  tag: "engine" | "plugins" | "pools" | "environments" | "dsources" | "snapshots" | "vdbs" | "jobs"
  /** One sentence. */
  summary: string
  params?: TSchema
  query?: TSchema
  body?: TSchema
  /** The status of success. */
  status: 200 | 201 | 202 | 204
  /** Its body; absent with 204 and for streams. */
  reply?: TSchema
  /** The body is bytes (`application/octet-stream`) and may be large. */
  bytes?: true
  /** Answers with server-sent events. */
  stream?: true
  /** Its reply holds a secret that is shown once and so is never remembered for an Idempotency-Key. */
  once?: true
}

/** The reply of a route, as it is on the wire. */
export type ReplyOf<R> = R extends { reply: infer S extends TSchema } ? Static<S> : undefined
export type ParamsOf<R> = R extends { params: infer S extends TSchema } ? Static<S> : undefined
export type QueryOf<R> = R extends { query: infer S extends TSchema } ? Static<S> : undefined
export type BodyOf<R> = R extends { bytes: true } ? Uint8Array : R extends { body: infer S extends TSchema } ? Static<S> : undefined
