import { ScriptError, UserError } from "../errors.ts"

/** An error on its way between engine and plugin. */
export type WireError =
  | { kind: "user"; message: string; code: string; action: string; output?: string | undefined }
  | { kind: "script"; message: string; command: string; exitCode?: number | undefined; stdout: string; stderr: string }
  /** One with a code of the engine's catalogue. */
  | { kind: "engine"; message: string; code: string; action: string; output?: string | undefined }
  | { kind: "other"; message: string; stack?: string | undefined }

/** Any thrown value as a {@link WireError}. */
export function encodeError(thrown: unknown): WireError {
  if (thrown instanceof UserError) return { kind: "user", message: thrown.message, ...codedOf(thrown) }
  if (thrown instanceof ScriptError) {
    const { message, command, exitCode, stdout, stderr } = thrown
    return { kind: "script", message, command, exitCode, stdout, stderr }
  }
  if (!(thrown instanceof Error)) return { kind: "other", message: shown(thrown) }
  if (thrown.name === "EngineError" && "code" in thrown && "action" in thrown) {
    return { kind: "engine", message: thrown.message, ...codedOf(thrown) }
  }
  return { kind: "other", message: thrown.message, stack: thrown.stack }
}

/** In a plugin's process: the error as a handler may catch it. */
export function decodeError(error: WireError): Error {
  const { kind, message } = error
  if (kind === "other") return new Error(message)
  if (kind === "script") return new ScriptError(message, { ...error, exitCode: error.exitCode })
  const { code, action, output } = error
  if (kind === "user") return new UserError(message, { code, action, ...(output !== undefined && { output }) })
  return Object.assign(new Error(message), { name: "EngineError", code, action, output })
}

/** What is called a UserError may come from anywhere: its fields may hold anything. */
function codedOf(thrown: object): { code: string; action: string; output?: string } {
  const { code, action, output }: { code?: unknown; action?: unknown; output?: unknown } = thrown
  return { code: shown(code), action: shown(action), ...(output !== undefined && { output: shown(output) }) }
}

function shown(value: unknown): string {
  if (typeof value === "string") return value
  try {
    return JSON.stringify(value) ?? typeof value
  } catch {
    return `a ${typeof value} that can't be shown`
  }
}
