import type { Method } from "../call/index.ts"
import type { PortRequest } from "../run.ts"
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

/** What a handler asks of the engine, by method. */
export interface Requests {
  script: ScriptRequest
  detached: ScriptRequest
  bash: InlineOptions & { command: string }
  exec: InlineOptions & { argv: [string, ...string[]] }
  reserve: { user?: string; request: PortRequest }
}

const text = { type: "string" }
const secretOrText = { anyOf: [text, { type: "object", properties: { $secret: text }, required: ["$secret"], additionalProperties: false }] }
const port = { type: "integer", minimum: 1, maximum: 65_535 }

const options = { user: text, timeoutMs: { type: "number", exclusiveMinimum: 0, maximum: 2 ** 31 - 1 }, cwd: { type: "string", format: "unixpath" } }
const inline = { ...options, stdin: secretOrText, variables: { type: "object", additionalProperties: secretOrText }, check: { type: "boolean" } }

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
  reserve: object({ user: text, request: object({ label: text, port, range: { type: "array", prefixItems: [port, port], minItems: 2, maxItems: 2 } }, ["label"]) }, ["request"]),
}
