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
export interface Script<V extends VariableKinds = VariableKinds, O extends TSchema | undefined = TSchema | undefined> {
  /** Below the plugin's `scripts` folder. */
  readonly file: string
  readonly variables: V
  /** What the script emits; left out, it emits nothing. */
  readonly output?: O
}

/** What running a script returns: the document it emits, or nothing. */
export type Emitted<O extends TSchema | undefined> = O extends TSchema ? Static<O> : void

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
export function script<const V extends VariableKinds, O extends TSchema | undefined = undefined>(declaration: Script<V, O>): Script<V, O> {
  // `veneer plugin check` listens under this symbol while it loads a plugin, and so hears of every script declared.
  const listener: unknown = Reflect.get(globalThis, Symbol.for("veneer.script"))
  if (typeof listener === "function") listener(declaration)
  return declaration
}

/** How a script or command is run. */
export interface RunOptions {
  /** Stops it after so long; ten minutes unless told. */
  timeoutMs?: number
  /** Directory to start in; the user's home unless told. */
  cwd?: string
  /** Start it from a login shell of the OS user, which reads the user's profile first: for tools that are set up there. */
  login?: boolean
}

/** How an inline command is run. */
export interface CommandOptions extends RunOptions {
  /** Text for its standard input. */
  stdin?: string | Secret
  /** Environment variables, set from standard input and never on a command line. */
  variables?: Readonly<Record<string, string | Secret>>
  /** Turn a non-zero exit code into a `ScriptError`. */
  check?: boolean
  /** Called with each line of standard output as it comes. What it throws is what the call fails with. */
  onLine?: (line: string) => void
}

/** How an expect script is run; its standard input is the terminal's business. */
export type ExpectOptions = Omit<CommandOptions, "stdin">

/** How a PowerShell script is run. */
export type PowerShellOptions = Omit<CommandOptions, "stdin" | "login">

/** How an inline command ended. */
export interface CommandResult {
  exitCode: number
  /** The first 8 MiB. When there is more, the job's log has all of it, up to 64 MiB. */
  stdout: string
  /** The last 8 MiB; the job's log has it line by line. */
  stderr: string
  /** Whether standard output was longer. */
  truncated: boolean
}

/** What a handler can do on a host. Every call ends when the job is cancelled. */
export interface Run {
  /**
   * Runs one of the plugin's scripts and returns the document it emits; nothing when it declares no output.
   * @throws UserError when the script ends with `fail`; ScriptError when it ends badly without; PluginError (in the
   *   engine) when what it emits does not fit its declared output.
   */
  script<V extends VariableKinds, O extends TSchema | undefined>(connection: Connection, script: Script<V, O>, variables: Variables<V>, options?: RunOptions): Promise<Emitted<O>>
  /**
   * The same for a script that takes long: it goes on when the connection or the engine dies, and a repeated call from
   * the same job attaches to it instead of starting a second one. No time-out unless told.
   */
  detached<V extends VariableKinds, O extends TSchema | undefined>(connection: Connection, script: Script<V, O>, variables: Variables<V>, options?: RunOptions): Promise<Emitted<O>>
  /** Runs an inline bash command. */
  bash(connection: Connection, command: string, options?: CommandOptions): Promise<CommandResult>
  /** Runs a program with its arguments, without a shell. */
  exec(connection: Connection, argv: readonly [string, ...string[]], options?: CommandOptions): Promise<CommandResult>
  /**
   * Runs a Tcl script through the program `expect`, which answers what other programs ask at a terminal. Neither script nor
   * variables are on a command line; variables are Tcl's own, and no program that the script spawns finds them.
   *
   * @throws an error with the code `program_missing` where the host has no `expect`
   * @example
   * await run.expect(connection, `
   *   spawn -noecho dbpasswd $USER_NAME
   *   expect "password:" { send -- "$PASSWORD\r" }
   *   expect eof
   *   exit [lindex [wait] 3]
   * `, { variables: { USER_NAME: "app", PASSWORD: password }, check: true })
   */
  expect(connection: Connection, script: string, options?: ExpectOptions): Promise<CommandResult>
  /**
   * Runs a PowerShell script through the program `pwsh`, on any host that has it. Variables are environment variables
   * (`$env:NAME`). An error that the script doesn't catch ends it with exit code 1; else the code is that of its `exit`, or 0.
   *
   * @throws an error with the code `program_missing` where the host has no `pwsh`
   */
  powershell(connection: Connection, script: string, options?: PowerShellOptions): Promise<CommandResult>
}

/** What `run.sync` copies, and how. */
export interface SyncOptions {
  /** A directory inside the dataset, relative, made if absent; the dataset itself unless told. */
  to?: string
  /**
   * Files that are neither copied nor deleted, as patterns of rsync's: `*.tmp` anywhere, `/cache/` only at the top, `**` across
   * directories.
   */
  exclude?: readonly string[]
  /** Also remove what the source no longer has. Left out, it stays. */
  delete?: boolean
  /** Leave alone what is newer in the dataset than on the source. */
  onlyNewer?: boolean
  /** Tell changed files by their content, which is read on both sides; by size and time of change unless told. */
  checksum?: boolean
}

/** What `run.sync` moved. */
export interface SyncResult {
  /** Regular files that were new or had changed. */
  files: number
  /** Their size in bytes. What of it really crossed the network may be less. */
  bytes: number
  /** Files, directories and links removed from the dataset. */
  deleted: number
}

/** What the ingest of a direct plugin can do besides. */
export interface DirectRun extends Run {
  /**
   * Copies a directory of the host into the dataset, which the engine keeps on its own machine: what is new or has changed,
   * with modes, owners by number, times, links, hard links, holes, ACLs and the `user` extended attributes. Devices, sockets
   * and pipes are left out. It is read as the connection's OS user, and takes as long as it takes.
   *
   * Interrupted or failed, it is done again from where it was; nothing of it is snapshotted. Needs the program `rsync` on both
   * machines.
   *
   * @param directory absolute path on the host
   * @throws an error with the code `file_missing` (no such directory), `sync_incomplete` (some of it could not be read),
   *   `program_missing`, `pool_full`
   * @example
   * const moved = await run.sync(connection.as(sourceConfig.owner), sourceConfig.path, { delete: true, exclude: ["*.tmp"] })
   * log(`${moved.files} files, ${moved.bytes} bytes`)
   */
  sync(connection: Connection, directory: string, options?: SyncOptions): Promise<SyncResult>
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
