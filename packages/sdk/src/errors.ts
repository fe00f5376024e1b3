/** `instanceof` for a class of which each plugin's bundle carries its own copy: by name; a subclass by its prototype. */
const isOf = (asked: unknown, own: { prototype: Error }, name: string, value: unknown): boolean =>
  asked === own ? value instanceof Error && value.name === name : Function.prototype[Symbol.hasInstance].call(asked, value)

/** The further texts of a {@link UserError}. */
export interface UserErrorDetail {
  /** Stable and machine-readable, in snake case: `wal_level_too_low`. */
  code: string
  /** The next move, as an instruction: "Set wal_level = replica, restart PostgreSQL, sync again." */
  action: string
  /** What the failing program said, where that helps. Secrets are taken out by the engine. */
  output?: string
}

/**
 * Something the person at the other end can mend. Its message states the fact, its action the next move; both reach
 * them unchanged in the CLI, the API and the browser.
 *
 * @example
 * throw new UserError(`Port ${port} on ${host} is taken.`, {
 *   code: "port_taken",
 *   action: "Choose another port, or leave the parameter out to have one chosen.",
 * })
 */
export class UserError extends Error {
  override readonly name = "UserError"
  readonly code: string
  readonly action: string
  readonly output: string | undefined

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isOf(this, UserError, "UserError", value)
  }

  constructor(message: string, { code, action, output }: UserErrorDetail) {
    super(message)
    this.code = code
    this.action = action
    this.output = output
  }
}

/** How a script or command ended that was expected to end well. */
export interface FailedCommand {
  /** The script's file name, or the program's. */
  command: string
  exitCode: number | undefined
  /** The last lines of each stream, at most 4 KiB. */
  stdout: string
  stderr: string
}

/**
 * A script or command of the plugin that ended badly without saying why in the script contract's own way. Thrown by
 * `run`; let it pass, or turn it into a {@link UserError} when the cause is known.
 */
export class ScriptError extends Error {
  override readonly name = "ScriptError"
  readonly command: string
  readonly exitCode: number | undefined
  readonly stdout: string
  readonly stderr: string

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isOf(this, ScriptError, "ScriptError", value)
  }

  constructor(message: string, failed: FailedCommand) {
    super(message)
    this.command = failed.command
    this.exitCode = failed.exitCode
    this.stdout = failed.stdout
    this.stderr = failed.stderr
  }
}

/**
 * The code of a {@link UserError}, or of what the engine threw into a handler.
 *
 * @example
 * const text = await files.read(connection, path).catch((error: unknown) => {
 *   if (codeOf(error) === "file_missing") return ""
 *   throw error
 * })
 */
export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined
}
