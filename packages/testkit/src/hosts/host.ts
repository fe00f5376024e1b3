import type { KnownCredentials, PortRequest } from "@veneer/sdk"
import type { Method } from "@veneer/sdk/call"
import type { Redactor } from "@veneer/sdk/contract"
import type { Validator } from "@veneer/sdk/values"
import type { Process } from "./local/processes.ts"

/** The plugin under test, as far as a host is concerned. */
export interface HostedPlugin {
  id: string
  /** Absolute path of the folder that holds its scripts; undefined when the test named none. */
  scripts: string | undefined
}

/** One call of an operation, on whose behalf something is done on a host. */
export interface HostCall {
  plugin: HostedPlugin
  /** Dotted name: `virtual.configure`. */
  operation: string
  /** What tells this call from others: a detached run of the same key is attached to. */
  key: string
  /** Aborted when the call is cancelled or over. */
  signal: AbortSignal
  log: (line: string) => void
  progress: (progress: { fraction?: number | undefined; message?: string | undefined }) => void
  redactor: Redactor
  validator: Validator
  /** Absolute path of the dataset that `run.sync` fills; undefined where nothing may be filled. */
  dataset: string | undefined
  /** Hands out a port to whoever the call is for. */
  ports: (request: PortRequest) => Promise<number>
  /** Follows a reference to a secret store. */
  credentials: (reference: string) => Promise<KnownCredentials>
  /** Texts that differ from run to run, by the name that stands for them in a recording. */
  volatile: () => ReadonlyMap<string, string>
}

/** Does what one call asks for. Parameters are as they travel between plugin and engine, what is returned is not. */
export type Serve = (method: Method, params: unknown, onLine?: (line: string) => void) => Promise<unknown>

/**
 * A host as plugins under test see it: this machine ({@link localHost}), one that only knows its lines
 * ({@link scriptedHost}), or a recording ({@link recordedHost}).
 */
export interface TestHost {
  /** The environment's name, for messages. */
  readonly name: string
  /** Address at which others reach it. */
  readonly address: string
  /** OS user; undefined is the environment's own. */
  readonly user: string | undefined
  /** Whether what runs there has effects on this machine: then leftovers are looked for. */
  readonly isHere: boolean
  /** What it was asked and had no answer to. A plugin may swallow the error; a test must not. */
  readonly complaints: readonly string[]
  /** Gets ready for one call. */
  begin(call: HostCall): Serve
  /** Processes that are left of what was started there, daemons in sessions of their own apart. */
  running(): readonly Process[]
  /** Ends what it still runs and removes what it made. */
  close(): Promise<void>
}
