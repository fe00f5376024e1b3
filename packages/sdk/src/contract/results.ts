import type { MountSpecification } from "../mount.ts"
import type { Health } from "../inputs.ts"
import type { Schemas, Trace } from "../plugin.ts"
import type { Schema } from "../values/index.ts"
import { limits } from "./limits.ts"

/** What an operation returns. */
export type Result =
  | { is: "list"; of: keyof Schemas }
  | { is: "one"; of: keyof Schemas }
  /** Part of a snapshot, which with the rest of it must be one. */
  | { is: "part"; of: "snapshot" }
  | { is: "fixed"; schema: Schema }
  | { is: "nothing" }

const safeName = { type: "string", pattern: String.raw`^(?!.*(?:^|/)\.\.?(?:/|$))[^/\0][^\0]*$` }

const mountSpecification: Schema = {
  type: "object",
  properties: {
    mounts: {
      type: "array",
      minItems: 1,
      items: { type: "object", properties: { path: { type: "string", format: "unixpath" }, subdirectory: safeName }, additionalProperties: false },
    },
    ownership: {
      type: "object",
      properties: { uid: { type: "integer", minimum: 0 }, gid: { type: "integer", minimum: 0 } },
      required: ["uid", "gid"],
      additionalProperties: false,
    },
  },
  required: ["mounts"],
  additionalProperties: false,
} satisfies Record<string, unknown> & { properties: Record<keyof MountSpecification, unknown> }

const health: Schema = {
  type: "object",
  properties: { state: { enum: ["active", "inactive", "degraded", "unknown"] }, reason: { type: "string" }, action: { type: "string" } },
  required: ["state"],
  additionalProperties: false,
} satisfies Record<string, unknown> & { properties: Record<keyof Health, unknown> }

const text: Schema = { type: "string", minLength: 1 }

const traces: Schema = {
  type: "array",
  items: {
    type: "object",
    properties: { source: text, name: text, description: text, action: text } satisfies Record<keyof Trace, Schema>,
    required: ["source", "name", "description", "action"],
    additionalProperties: false,
  },
}

const bytes: Schema = { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER }

const results: Readonly<Record<string, Result>> = {
  "discovery.repositories": { is: "list", of: "repository" },
  "discovery.sourceConfigs": { is: "list", of: "sourceConfig" },
  "discovery.traces": { is: "fixed", schema: traces },
  mountSpecification: { is: "fixed", schema: mountSpecification },
  postSnapshot: { is: "one", of: "snapshot" },
  publish: { is: "part", of: "snapshot" },
  configure: { is: "one", of: "sourceConfig" },
  reconfigure: { is: "one", of: "sourceConfig" },
  initialize: { is: "one", of: "sourceConfig" },
  status: { is: "fixed", schema: health },
  sourceSize: { is: "fixed", schema: bytes },
}

const looks = new Set(["repositories", "sourceConfigs", "traces", "removeTrace", "mountSpecification", "postSnapshot", "status", "sourceSize"])

const lastName = (operation: string) => operation.slice(operation.indexOf(".") + 1)

/** What the operation of this dotted name returns. */
export const resultOf = (operation: string): Result => results[operation] ?? results[lastName(operation)] ?? { is: "nothing" }

/** How long it may take; undefined where its work decides. */
export const deadlineOf = (operation: string): number | undefined => (looks.has(lastName(operation)) ? limits.lookMs : undefined)
