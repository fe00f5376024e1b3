import { ScriptError, UserError } from "@veneer/sdk/errors"

/** An error on its way between engine and plugin. */
export type WireError =
  | { kind: "user"; message: string; code: string; action: string; output?: string | undefined }
  | { kind: "script"; message: string; command: string; exitCode?: number | undefined; stdout: string; stderr: string }
  /** One with a code of the engine's catalogue. */
  | { kind: "engine"; message: string; code: string; action: string; output?: string | undefined }
  | { kind: "other"; message: string; stack?: string | undefined }

/** Any thrown value as a {@link WireError}. */
export function encodeError(thrown: unknown): WireError {
  if (thrown instanceof UserError) {
    const { message, code, action, output } = thrown
    return { kind: "user", message: String(message), code: String(code), action: String(action), output: output === undefined ? undefined : String(output) }
  }
  if (thrown instanceof ScriptError) {
    const { message, command, exitCode, stdout, stderr } = thrown
    return { kind: "script", message, command, exitCode, stdout, stderr }
  }
  if (!(thrown instanceof Error)) return { kind: "other", message: shown(thrown) }
  if (thrown.name === "EngineError" && "code" in thrown && "action" in thrown) {
    const output = "output" in thrown && thrown.output !== undefined ? String(thrown.output) : undefined
    return { kind: "engine", message: thrown.message, code: String(thrown.code), action: String(thrown.action), output }
  }
  return { kind: "other", message: thrown.message, stack: thrown.stack }
}

/** In a plugin's process: the error as a handler may catch it. */
export function decodeError(error: WireError): Error {
  switch (error.kind) {
    case "user": return new UserError(error.message, { code: error.code, action: error.action, ...(error.output !== undefined && { output: error.output }) })
    case "script": return new ScriptError(error.message, { ...error, exitCode: error.exitCode })
    case "engine": return Object.assign(new Error(error.message), { name: "EngineError", code: error.code, action: error.action, output: error.output })
    case "other": return new Error(error.message)
  }
}

function shown(thrown: unknown): string {
  try {
    return typeof thrown === "object" ? JSON.stringify(thrown) : String(thrown)
  } catch {
    return "a value that can't be shown"
  }
}
