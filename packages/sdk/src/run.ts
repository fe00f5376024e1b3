import type { Static, TSchema } from "typebox"
import type { Secret } from "./secret.ts"

/** A host and an OS user on it. Opaque: only the engine can make one reach anything. */
export interface Connection {
  /** The environment's name, for messages. */
  readonly environment: string
  /** The address at which other hosts reach this one; `127.0.0.1` for the engine's own machine. */
  readonly address: string
  /** The OS user commands run as; undefined is the environment's own. */
  readonly user: string | undefined
  /** The same host as another OS user. */
  as(user: string): Connection
}

type Scalar = "string" | "integer" | "boolean" | "secret"

/** The kinds of a script's variables. A trailing `?` lets one be left out; the script then finds it unset. */
export type VariableKinds = Readonly<Record<string, Scalar | `${Scalar}?`>>

type ValueOf<Kind> = Kind extends "integer" ? number : Kind extends "boolean" ? boolean : Kind extends "secret" ? Secret : string
type Required<V> = { [K in keyof V]: V[K] extends `${string}?` ? never : K }[keyof V]

/** The values of a script's variables, as its declaration asks for them. */
export type Variables<V extends VariableKinds> = { [K in Required<V>]: ValueOf<V[K]> } & {
  [K in Exclude<keyof V, Required<V>>]?: (V[K] extends `${infer Kind}?` ? ValueOf<Kind> : never) | undefined
}

/** One of the plugin's `.sh` files: what goes in, and the JSON document that comes out. */
export interface Script<V extends VariableKinds = VariableKinds, O extends TSchema = TSchema> {
  /** Below the plugin's `scripts` folder. */
  readonly file: string
  readonly variables: V
  /** What the script emits; left out, it emits nothing. */
  readonly output?: O
}

/**
 * Declares a script of the plugin, so that a misspelt variable doesn't compile and a wrong output is caught where it
 * comes from.
 *
 * @example
 * const start = script({
 *   file: "start.sh",
 *   variables: { DATA_DIR: "string", PORT: "integer", PASSWORD: "secret?" },
 *   output: Type.Object({ pid: Type.Integer() }),
 * })
 */
export function script<const V extends VariableKinds, O extends TSchema>(declaration: Script<V, O>): Script<V, O> {
  return declaration
}

/** How a script or command is run. */
export interface RunOptions {
  /** Stops it after so long; ten minutes unless told. */
  timeoutMs?: number
  /** Directory to start in; the user's home unless told. */
  cwd?: string
}

/** How an inline command is run. */
export interface CommandOptions extends RunOptions {
  /** Text for its standard input. */
  stdin?: string | Secret
  /** Environment variables, set from standard input and never on a command line. */
  variables?: Readonly<Record<string, string | Secret>>
  /** Turn a non-zero exit code into a `ScriptError`. */
  check?: boolean
}

/** How an inline command ended. Each stream holds at most 8 MiB; the full text is in the job's log. */
export interface CommandResult {
  exitCode: number
  stdout: string
  stderr: string
}

/** What a handler can do on a host. Every call ends when the job is cancelled. */
export interface Run {
  /**
   * Runs one of the plugin's scripts and returns the document it emits.
   * @throws UserError when the script ends with `fail`; ScriptError when it ends badly without; PluginError (in the
   *   engine) when what it emits does not fit its declared output.
   */
  script<V extends VariableKinds, O extends TSchema>(connection: Connection, script: Script<V, O>, variables: Variables<V>, options?: RunOptions): Promise<Static<O>>
  /**
   * The same for a script that takes long: it goes on when the connection or the engine dies, and a repeated call from
   * the same job attaches to it instead of starting a second one. No time-out unless told.
   */
  detached<V extends VariableKinds, O extends TSchema>(connection: Connection, script: Script<V, O>, variables: Variables<V>, options?: RunOptions): Promise<Static<O>>
  /** Runs an inline bash command. */
  bash(connection: Connection, command: string, options?: CommandOptions): Promise<CommandResult>
  /** Runs a program with its arguments, without a shell. */
  exec(connection: Connection, argv: readonly [string, ...string[]], options?: CommandOptions): Promise<CommandResult>
}

/** Which TCP port to reserve. */
export interface PortRequest {
  /** Tells several ports of one source apart; asking again with the same label gives the same port. */
  label: string
  /** This very port, or an error with code `port_taken`. */
  port?: number
  /** Else the first free one between these, both included; the engine's own range unless told. */
  range?: readonly [number, number]
}

/** TCP ports, handed out by the engine so that two jobs never choose the same one. */
export interface Ports {
  /** A port on that host that is neither listened on nor promised to another source; ours until the source is deleted. */
  reserve(connection: Connection, request: PortRequest): Promise<number>
}
