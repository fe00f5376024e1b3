import type { Call, Connection } from "@veneer/sdk"
import { beginCall, decode, decodeError, encode, type Method } from "@veneer/sdk/call"
import type { FromChild, ToChild } from "./messages.ts"

type Begin = ToChild & { type: "call" }

interface Waiting {
  resolve(value: unknown): void
  reject(error: unknown): void
  onLine?: ((line: string) => void) | undefined
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
    return beginCall({
      reason, engine, connection, signal: controller.signal,
      request: (method, params, onLine) => this.#request(id, method, params, onLine),
      log: (line) => this.#send({ type: "log", call: id, line }),
      progress: (progress) => this.#send({ type: "progress", call: id, ...progress }),
    })
  }

  abort(id: number): void {
    this.#running.get(id)?.abort()
  }

  end(id: number): void {
    this.#running.delete(id)
  }

  /** What a handler's own function throws is what its command fails with. */
  line({ id, line }: ToChild & { type: "line" }): void {
    const waiting = this.#waiting.get(id)
    try {
      waiting?.onLine?.(line)
    } catch (error) {
      this.#waiting.delete(id)
      waiting?.reject(error)
    }
  }

  answer({ id, value, error }: ToChild & { type: "answer" }): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error) waiting?.reject(decodeError(error))
    else waiting?.resolve(decode(value))
  }

  async #request(call: number, method: Method, params: object, onLine?: (line: string) => void): Promise<unknown> {
    if (!this.#running.has(call)) throw new Error(`run and ports end with their call: ${method} was asked for after it.`)
    const id = ++this.#requests
    const message = { type: "request", id, call, method, params: encode(params), ...(onLine && { lines: true }) } as const
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, onLine })
      this.#send(message)
    })
  }
}
