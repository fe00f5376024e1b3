import type { ChildProcess } from "node:child_process"
import { decode, encode, encodeError, type Method, type WireError } from "@veneer/sdk/call"
import { mebibytes } from "@veneer/sdk/contract"
import { EngineError } from "../errors.ts"
import { asEngineError } from "./broken.ts"
import { Channel } from "./channel.ts"
import { isFromChild, type FromChild, type ToChild } from "./messages.ts"
import { startChild, type Start } from "./start.ts"
import { Watchdog } from "./watchdog.ts"

/** A plugin loads within this time, on a busy machine too. */
const LOAD_MS = 30_000

/** A process that answers nothing for so long is stuck: its code never yields. */
const UNRESPONSIVE_MS = 60_000
const ASK_MS = 5_000

/** Lines of a command that a handler has yet to take, in bytes. */
const BACKLOG_LIMIT = 16 * 1024 * 1024

/** The engine's side of one call. */
export interface Caller {
  serve(method: Method, params: unknown, onLine?: (line: string) => void): Promise<unknown>
  log(line: string): void
  progress(progress: { fraction?: number | undefined; message?: string | undefined }): void
}

interface Waiting extends Caller {
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** What a call ended with when the plugin threw. */
export class Thrown extends Error {
  override readonly name = "Thrown"
  readonly error: WireError

  constructor(error: WireError) {
    super(error.message)
    this.error = error
  }
}

/** One life of a plugin's process. */
export class Running {
  readonly #start: Start
  readonly #child: ChildProcess
  readonly #channel: Channel
  readonly #calls = new Map<number, Waiting>()
  readonly #loaded: Promise<void>
  readonly #gone: Promise<void>
  readonly #watchdog: Watchdog
  #settleLoad: { resolve(): void; reject(error: EngineError): void } = { resolve() {}, reject() {} }
  #end: EngineError | undefined
  #ids = 0

  constructor(start: Start) {
    this.#start = start
    const { child, wire } = startChild(start)
    this.#child = child
    this.#channel = new Channel(wire, {
      receive: (message) => this.#receive(message),
      garbage: (what) => this.kill(new EngineError("plugin_failed", `${start.name} sent the engine ${what}.`)),
    })
    this.#watchdog = new Watchdog({ everyMs: ASK_MS, silentMs: UNRESPONSIVE_MS }, {
      ask: () => this.#send({ type: "ping" }),
      stuck: () => this.kill(new EngineError("plugin_timeout", `${start.name} has not yielded for ${UNRESPONSIVE_MS / 1000} s: its code is stuck in a loop.`)),
    })
    this.#loaded = new Promise((resolve, reject) => (this.#settleLoad = { resolve, reject }))
    this.#loaded.catch(() => {}) // whoever calls hears of it
    const timer = setTimeout(() => this.kill(new EngineError("plugin_timeout", `${start.name} did not load within ${LOAD_MS / 1000} s.`)), LOAD_MS)
    this.#loaded.then(() => clearTimeout(timer), () => clearTimeout(timer))
    this.#gone = new Promise((resolve) => {
      const ended = (how: string) => {
        this.#over(new EngineError("plugin_exited", `The process of ${start.name} ${how} during the call.`))
        resolve()
      }
      this.#child.once("error", (error) => ended(`could not be started (${error.message})`))
      this.#child.once("exit", (code, signal) => ended(code === null ? `was killed by ${signal}` : `exited with code ${code}`))
    })
  }

  /** Whether it takes calls. */
  get isAlive(): boolean {
    return this.#end === undefined
  }

  /** Waits until the plugin is loaded. @throws EngineError */
  async loaded(): Promise<void> {
    return this.#loaded
  }

  /** Calls, and answers what the handler asks. @throws Thrown what the plugin threw; EngineError when its process ended */
  call(message: CallMessage, caller: Caller): { id: number; value: Promise<unknown> } {
    const id = ++this.#ids
    const value = new Promise<unknown>((resolve, reject) => {
      if (this.#end) return reject(this.#end)
      this.#calls.set(id, { ...caller, resolve, reject })
      this.#watchdog.start()
      this.#channel.send({ ...message, id } satisfies ToChild)
    })
    return { id, value }
  }

  abort(id: number): void {
    this.#send({ type: "abort", id })
  }

  /** Ends the process and what it started at once. Its calls fail: `blamed`, if given, with `error`, the others as bystanders. */
  kill(error: EngineError, blamed?: number): void {
    if (blamed !== undefined) {
      this.#calls.get(blamed)?.reject(error)
      this.#calls.delete(blamed)
      this.#over(new EngineError("plugin_exited", `The process of ${this.#start.name} was ended because of another call: ${error.message}`))
    } else this.#over(error)
    const { pid, exitCode, signalCode } = this.#child
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, "SIGKILL")
  }

  /** Kills it and waits until it is gone. */
  async close(): Promise<void> {
    this.kill(new EngineError("plugin_exited", `The process of ${this.#start.name} was ended because the plugin is being unloaded.`))
    await this.#gone
  }

  #over(error: EngineError): void {
    this.#end ??= error
    this.#watchdog.stop()
    this.#settleLoad.reject(this.#end)
    for (const call of this.#calls.values()) call.reject(error)
    this.#calls.clear()
    this.#channel.close()
  }

  #send(message: ToChild): void {
    this.#channel.send(message)
  }

  #receive(message: unknown): void {
    this.#watchdog.heard()
    if (isFromChild(message)) this.#take(message)
    else this.kill(new EngineError("plugin_failed", `${this.#start.name} sent the engine something that is no message of the plugin protocol.`))
  }

  #take(message: FromChild): void {
    switch (message.type) {
      case "ready": return this.#settleLoad.resolve()
      case "unfit": return this.kill(new EngineError("plugin_failed", `${this.#start.name} can't be loaded: ${message.error.message}`, { output: "stack" in message.error ? message.error.stack : undefined }))
      case "ended": return this.#ended(message)
      case "request": return void this.#serve(message)
      case "log": return this.#calls.get(message.call)?.log(message.line)
      case "progress": return this.#calls.get(message.call)?.progress({ fraction: message.fraction, message: message.message })
      case "pong": return
    }
  }

  /** A program may write faster than a handler listens, for ever. */
  #line(id: number, line: string): void {
    if (this.#channel.backlogBytes > BACKLOG_LIMIT) throw new EngineError("output_too_large", `${this.#start.name} is told more lines than it takes: ${mebibytes(BACKLOG_LIMIT)} of them wait.`, { action: "Let the command write less, or keep its output on the host." })
    this.#send({ type: "line", id, line })
  }

  #ended({ id, value, error }: FromChild & { type: "ended" }): void {
    const call = this.#calls.get(id)
    this.#calls.delete(id)
    if (this.#calls.size === 0) this.#watchdog.stop()
    if (error) call?.reject(new Thrown(error))
    else call?.resolve(decode(value))
  }

  async #serve({ id, call, method, params, lines = false }: FromChild & { type: "request" }): Promise<void> {
    try {
      const caller = this.#calls.get(call)
      if (!caller) throw new EngineError("plugin_failed", `${method} was asked for after its call had ended.`)
      this.#send({ type: "answer", id, value: encode(await caller.serve(method, params, lines ? (line) => this.#line(id, line) : undefined)) })
    } catch (error) {
      this.#send({ type: "answer", id, error: encodeError(asEngineError(error)) })
    }
  }
}

type CallMessage = DistributiveOmit<ToChild & { type: "call" | "describe" | "migrate" }, "id">
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never
