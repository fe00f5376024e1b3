import type { Method } from "../call/index.ts"
import type { PortRequest, SyncOptions } from "../run.ts"
import type { Secret } from "../secret.ts"
import type { Schema } from "../values/index.ts"

interface Options {
  /** OS user of the connection; absent is the environment's own. */
  user?: string
  timeoutMs?: number
  cwd?: string
}

/** A script with its declaration and values. */
export interface ScriptRequest extends Options {
  file: string
  variables: Record<string, string>
  values: Record<string, unknown>
  output?: Schema
}

interface InlineOptions extends Options {
  stdin?: string | Secret
  variables?: Record<string, string | Secret>
  check?: boolean
}

/** Files to be brought into the dataset. */
export interface SyncRequest extends SyncOptions {
  /** OS user that reads; absent is the environment's own. */
  user?: string
  /** Absolute path on the host. */
  directory: string
}

/** What a handler asks of the engine, by method. */
export interface Requests {
  script: ScriptRequest
  detached: ScriptRequest
  bash: InlineOptions & { command: string }
  exec: InlineOptions & { argv: [string, ...string[]] }
  sync: SyncRequest
  reserve: { user?: string; request: PortRequest }
}

const text = { type: "string" }
const secretOrText = { anyOf: [text, { type: "object", properties: { $secret: text }, required: ["$secret"], additionalProperties: false }] }
const port = { type: "integer", minimum: 1, maximum: 65_535 }

const yes = { type: "boolean" }
const path = { type: "string", format: "unixpath" }

/** Of ordinary names between slashes. */
const relative = { type: "string", pattern: String.raw`^(?!.*(?:^|/)\.\.?(?:/|$))[^/\0][^\0]*$` }

const options = { user: text, timeoutMs: { type: "number", exclusiveMinimum: 0, maximum: 2 ** 31 - 1 }, cwd: path }
const inline = { ...options, stdin: secretOrText, variables: { type: "object", additionalProperties: secretOrText }, check: yes }

const object = (properties: Record<string, unknown>, required: string[]): Schema => ({ type: "object", properties, required, additionalProperties: false })

const script = object(
  {
    ...options,
    file: text,
    variables: { type: "object", additionalProperties: { enum: ["string", "integer", "boolean", "secret"].flatMap((kind) => [kind, `${kind}?`]) } },
    values: { type: "object" },
    output: { type: "object" },
  },
  ["file", "variables", "values"],
)

/** What each request looks like on the wire. It comes from a process that runs other people's code. */
export const requestSchemas: Readonly<Record<Method, Schema>> = {
  script,
  detached: script,
  bash: object({ ...inline, command: text }, ["command"]),
  exec: object({ ...inline, argv: { type: "array", items: text, minItems: 1 } }, ["argv"]),
  sync: object(
    { user: text, directory: path, to: relative, exclude: { type: "array", items: { type: "string", minLength: 1 } }, delete: yes, onlyNewer: yes, checksum: yes },
    ["directory"],
  ),
  reserve: object({ user: text, request: object({ label: text, port, range: { type: "array", prefixItems: [port, port], minItems: 2, maxItems: 2 } }, ["label"]) }, ["request"]),
}
