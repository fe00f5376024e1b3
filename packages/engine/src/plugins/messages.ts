import type { Reason } from "@veneer/sdk"
import { methods, type ConnectionFacts, type Method, type WireError } from "@veneer/sdk/call"

/** From the engine to a plugin's process. */
export type ToChild =
  | { type: "call"; id: number; operation: string; input: unknown; reason: Reason; engine: string; connection: ConnectionFacts }
  /** What the plugin declares, and what is wrong with it. */
  | { type: "describe"; id: number; scripts: readonly string[] }
  /** Stored values through one migration. */
  | { type: "migrate"; id: number; migration: string; values: readonly unknown[] }
  | { type: "abort"; id: number }
  /** A line of the standard output of what a request asked for. */
  | { type: "line"; id: number; line: string }
  /** To a request. */
  | { type: "answer"; id: number; value?: unknown; error?: WireError }
  | { type: "ping" }

/** From a plugin's process to the engine. */
export type FromChild =
  | { type: "ready" }
  | { type: "unfit"; error: WireError }
  | { type: "ended"; id: number; value?: unknown; error?: WireError }
  | { type: "request"; id: number; call: number; method: Method; params: unknown; lines?: boolean }
  | { type: "log"; call: number; line: string }
  | { type: "progress"; call: number; fraction?: number; message?: string }
  | { type: "pong" }

type Fields = Record<string, unknown>

const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null

const isMethod = (value: unknown) => methods.some((method) => method === value)
const isNumber = (value: unknown) => typeof value === "number"
const isAbsentOr = (type: "string" | "number", value: unknown) => value === undefined || typeof value === type

const forms: Readonly<Record<string, (message: Fields) => boolean>> = {
  ready: () => true,
  unfit: ({ error }) => isObject(error),
  ended: ({ id, error }) => isNumber(id) && (error === undefined || isObject(error)),
  request: ({ id, call, method }) => isNumber(id) && isNumber(call) && isMethod(method),
  log: ({ call, line }) => isNumber(call) && typeof line === "string",
  progress: ({ call, fraction, message }) => isNumber(call) && isAbsentOr("number", fraction) && isAbsentOr("string", message),
  pong: () => true,
}

/** In a plugin's process: only the engine sends, so its type is enough. */
export const isToChild = (message: unknown): message is ToChild => isObject(message) && typeof message["type"] === "string"

/** Whether what a plugin's process sent is a message at all. Its process is not trusted to run our code only. */
export function isFromChild(message: unknown): message is FromChild {
  return isObject(message) && typeof message["type"] === "string" && Object.hasOwn(forms, message["type"]) && (forms[message["type"]]?.(message) ?? false)
}
