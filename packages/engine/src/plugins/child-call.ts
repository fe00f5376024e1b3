import type { Call, Connection, PortRequest, RunOptions, Script } from "@veneer/sdk"
import { inspect } from "node:util"
import type { ConnectionFacts, FromChild, Method, ToChild } from "./messages.ts"
import { decode, encode } from "./wire.ts"
import { decodeError } from "./wire-error.ts"

type Begin = ToChild & { type: "call" }

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
}

/** In a plugin's process: the calls that run, and what their handlers asked of the engine. */
export class Calls {
  readonly #send: (message: FromChild) => void
  readonly #running = new Map<number, AbortController>()
  readonly #waiting = new Map<number, Waiting>()
  #requests = 0

  constructor(send: (message: FromChild) => void) {
    this.#send = send
  }

  /** What a handler gets besides its own input. */
  begin({ id, reason, engine, connection }: Begin): Call & { connection: Connection } {
    const controller = new AbortController()
    this.#running.set(id, controller)
    const connections = new Connections(connection)
    const on = (method: Method, where: Connection, params: object) => this.#request(id, method, { user: connections.userOf(where), ...params })
    const run = {
      script: (where: Connection, script: Script, values: object, options?: RunOptions) => on("script", where, scriptParams(script, values, options)),
      detached: (where: Connection, script: Script, values: object, options?: RunOptions) => on("detached", where, scriptParams(script, values, options)),
      bash: (where: Connection, command: string, options?: object) => on("bash", where, { command, ...options }),
      exec: (where: Connection, argv: readonly string[], options?: object) => on("exec", where, { argv, ...options }),
    }
    return {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the engine has held what it answers against these types
      run: run as Call["run"],
      ports: { reserve: async (where: Connection, request: PortRequest) => Number(await on("reserve", where, { request })) },
      log: (line: unknown) => this.#send({ type: "log", call: id, line: typeof line === "string" ? line : inspect(line) }),
      progress: ({ fraction, message }) => this.#send({ type: "progress", call: id, ...(Number.isFinite(fraction) && { fraction }), ...(typeof message === "string" && { message }) }),
      signal: controller.signal,
      reason,
      engine,
      connection: connections.first,
    }
  }

  abort(id: number): void {
    this.#running.get(id)?.abort()
  }

  end(id: number): void {
    this.#running.delete(id)
  }

  answer({ id, value, error }: ToChild & { type: "answer" }): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error) waiting?.reject(decodeError(error))
    else waiting?.resolve(decode(value))
  }

  async #request(call: number, method: Method, params: object): Promise<unknown> {
    if (!this.#running.has(call)) throw new Error(`run and ports end with their call: ${method} was asked for after it.`)
    const id = ++this.#requests
    const message = { type: "request", id, call, method, params: encode(params) } as const
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#send(message)
    })
  }
}

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
