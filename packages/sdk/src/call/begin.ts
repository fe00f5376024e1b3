import { inspect } from "node:util"
import type { Call, Reason } from "../inputs.ts"
import type { CommandOptions, Connection, PortRequest, RunOptions, Script } from "../run.ts"
import type { Credentials, KnownCredentials } from "../schema/credentials.ts"
import { waiter } from "../wait.ts"
import { filesOf } from "./files.ts"
import type { Method } from "./method.ts"

/** What a call's `connection` shows of its host. */
export interface ConnectionFacts {
  environment: string
  address: string
  user?: string | undefined
}

/** What a call is made of. */
export interface Begin {
  reason: Reason
  engine: string
  connection: ConnectionFacts
  signal: AbortSignal
  /**
   * Asks for something on a host; the answer has been held against the method's types.
   * @param onLine told each line of a command's standard output before the answer
   */
  request: (method: Method, params: object, onLine?: (line: string) => void) => Promise<unknown>
  log: (line: string) => void
  progress: (progress: { fraction?: number; message?: string }) => void
}

/** What a handler gets besides its own input. */
export function beginCall({ reason, engine, connection, signal, request, log, progress }: Begin): Call & { connection: Connection } {
  const connections = new Connections(connection)
  const on = async (method: Method, where: Connection, params: object, onLine?: OnLine) => request(method, { user: connections.userOf(where), ...params }, onLine)
  const command = (method: Method, where: Connection, params: object, { onLine, ...options }: CommandOptions = {}) => on(method, where, { ...params, ...options }, onLine)
  const run = {
    script: (where: Connection, script: Script, values: object, options?: RunOptions) => on("script", where, scriptParams(script, values, options)),
    detached: (where: Connection, script: Script, values: object, options?: RunOptions) => on("detached", where, scriptParams(script, values, options)),
    bash: (where: Connection, text: string, options?: CommandOptions) => command("bash", where, { command: text }, options),
    exec: (where: Connection, argv: readonly string[], options?: CommandOptions) => command("exec", where, { argv }, options),
    expect: (where: Connection, text: string, options?: CommandOptions) => command("expect", where, { script: text }, options),
    powershell: (where: Connection, text: string, options?: CommandOptions) => command("powershell", where, { script: text }, options),
    sync: (where: Connection, directory: string, options?: object) => on("sync", where, { directory, ...options }),
  }
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whoever answers has held what it answers against these types
    run: run as Call["run"],
    files: filesOf(on),
    waitFor: waiter(signal),
    credentials: async (given: Credentials | string) => {
      if (typeof given !== "string" && given.type !== "reference") return given
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what whoever serves `credentials` answers
      return (await request("credentials", { reference: typeof given === "string" ? given : given.reference })) as KnownCredentials
    },
    ports: { reserve: async (where: Connection, request: PortRequest) => Number(await on("reserve", where, { request })) },
    log: (line: unknown) => log(typeof line === "string" ? line : inspect(line)),
    progress: ({ fraction, message }) => progress({ ...(fraction !== undefined && Number.isFinite(fraction) && { fraction }), ...(typeof message === "string" && { message }) }),
    signal,
    reason,
    engine,
    connection: connections.first,
  }
}

type OnLine = (line: string) => void

/** Types of TypeBox carry functions, too; what JSON makes of one is the schema. */
const scriptParams = ({ file, variables, output }: Script, values: object, options: RunOptions = {}) => {
  const schema: object | undefined = output && JSON.parse(JSON.stringify(output))
  return { file, variables, values, ...(schema && { output: schema }), ...options }
}

/** The connections of one call. Only what it made is taken for one. */
class Connections {
  readonly first: Connection
  readonly #known = new WeakSet<Connection>()
  readonly #facts: ConnectionFacts

  constructor(facts: ConnectionFacts) {
    this.#facts = facts
    this.first = this.#make(facts.user)
  }

  userOf(connection: Connection): string | undefined {
    if (!this.#known.has(connection)) throw new TypeError("This is not a connection of the running call.")
    return connection.user
  }

  #make(user: string | undefined): Connection {
    const { environment, address } = this.#facts
    const connection: Connection = Object.freeze({ environment, address, user, as: (other: string) => this.#make(other) })
    this.#known.add(connection)
    return connection
  }
}
