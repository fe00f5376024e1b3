import type { Method } from "../call/index.ts"
import type { PortRequest, SyncOptions } from "../run.ts"
import type { Secret } from "../secret.ts"
import type { Schema } from "../values/index.ts"
import { limits } from "./limits.ts"

interface Options {
  /** OS user of the connection; absent is the environment's own. */
  user?: string
  timeoutMs?: number
  cwd?: string
  login?: boolean
}

/** A script with its declaration and values. */
export interface ScriptRequest extends Options {
  file: string
  variables: Record<string, string>
  values: Record<string, unknown>
  output?: Schema
}

/** How a command is run that is no script. */
export interface InlineOptions extends Options {
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
  expect: InlineOptions & { script: string }
  powershell: InlineOptions & { script: string }
  sync: SyncRequest
  read: { user?: string; path: string; maxBytes?: number }
  /** `content` in base64. */
  write: { user?: string; path: string; content: string | Secret; mode?: number }
  stat: { user?: string; path: string }
  reserve: { user?: string; request: PortRequest }
  credentials: { reference: string }
}

const text = { type: "string" }
const secretOrText = { anyOf: [text, { type: "object", properties: { $secret: text }, required: ["$secret"], additionalProperties: false }] }
const port = { type: "integer", minimum: 1, maximum: 65_535 }

const yes = { type: "boolean" }
const path = { type: "string", format: "unixpath" }

/** Of ordinary names between slashes. */
const relative = { type: "string", pattern: String.raw`^(?!.*(?:^|/)\.\.?(?:/|$))[^/\0][^\0]*$` }

const options = { user: text, timeoutMs: { type: "number", exclusiveMinimum: 0, maximum: 2 ** 31 - 1 }, cwd: path, login: yes }
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
  expect: object({ ...inline, script: text }, ["script"]),
  powershell: object({ ...inline, script: text }, ["script"]),
  read: object({ user: text, path, maxBytes: { type: "integer", minimum: 0, maximum: limits.fileBytes } }, ["path"]),
  write: object({ user: text, path, content: secretOrText, mode: { type: "integer", minimum: 0, maximum: 0o7777 } }, ["path", "content"]),
  stat: object({ user: text, path }, ["path"]),
  sync: object(
    { user: text, directory: path, to: relative, exclude: { type: "array", items: { type: "string", minLength: 1 } }, delete: yes, onlyNewer: yes, checksum: yes },
    ["directory"],
  ),
  reserve: object({ user: text, request: object({ label: text, port, range: { type: "array", prefixItems: [port, port], minItems: 2, maxItems: 2 } }, ["label"]) }, ["request"]),
  credentials: object({ reference: text }, ["reference"]),
}
