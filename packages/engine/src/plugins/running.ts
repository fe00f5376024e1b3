import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import { setTimeout as delay } from "node:timers/promises"
import { decode, encode, encodeError, type Method, type WireError } from "@veneer/sdk/call"
import { limits, mebibytes } from "@veneer/sdk/contract"
import { EngineError } from "../errors.ts"
import { asEngineError } from "./broken.ts"
import { Channel } from "./channel.ts"
import { bystander, endingOf, endings, type Ending } from "./ending.ts"
import { isFromChild, type FromChild, type ToChild } from "./messages.ts"
import { lastOverrun, overrunOf } from "./overrun.ts"
import { Printed } from "./printed.ts"
import { startChild, type Start } from "./start.ts"
import { Watchdog } from "./watchdog.ts"

/** So often is a process asked whether anybody is at home, in the time it has to answer. */
const QUESTIONS = 12

/** What a process said last arrives within this time of its end, unless something it left behind holds its output. */
const LAST_WORDS_MS = 1_000

/** The engine's side of one call. */
export interface Caller {
  serve(method: Method, params: unknown, onLine?: (line: string) => void): Promise<unknown>
  log(line: string): void
  progress(progress: { fraction?: number | undefined; message?: string | undefined }): void
}

interface Waiting extends Caller {
  /** Names plugin and operation. */
  name: string
  /** Bytes it has had logged. */
  toldBytes: number
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
  readonly #printed = new Printed()
  readonly #loaded: Promise<void>
  readonly #gone: Promise<void>
  readonly #watchdog: Watchdog
  #settleLoad: () => void = () => {}
  #end: Ending | undefined
  #ids = 0

  /** @param silentMs how long it may answer nothing while a call is under way */
  constructor(start: Start, { silentMs }: { silentMs: number }) {
    this.#start = start
    const { child, wire } = startChild({ ...start, print: (line) => this.#print(line) })
    this.#child = child
    this.#channel = new Channel(wire, {
      receive: (message) => this.#receive(message),
      garbage: (line) => {
        start.print(start.redact(`What is no message of the plugin protocol: ${line}`))
        this.end(endings.noJson)
      },
      tooLong: () => this.end(endings.tooLong),
    })
    this.#watchdog = new Watchdog({ everyMs: silentMs / QUESTIONS, silentMs }, {
      ask: () => this.#send({ type: "ping" }),
      stuck: () => this.end(endings.stuck(silentMs)),
    })
    this.#loaded = new Promise((resolve) => (this.#settleLoad = resolve))
    const timer = setTimeout(() => this.end(endings.notLoaded), limits.loadMs)
    void this.#loaded.then(() => clearTimeout(timer))
    this.#gone = this.#death()
  }

  /** Whether it takes calls. */
  get isAlive(): boolean {
    return this.#end === undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Waits until the plugin is loaded. @param name whose error it is when that fails @throws EngineError */
  async loaded(name: string): Promise<void> {
    await this.#loaded
    if (this.#end) throw endingOf(name, this.#end)
  }

  /** Calls, and answers what the handler asks. @param name names plugin and operation @throws Thrown what the plugin threw; EngineError when its process ended */
  call(name: string, message: CallMessage, caller: Caller): { id: number; value: Promise<unknown> } {
    const id = ++this.#ids
    const value = new Promise<unknown>((resolve, reject) => {
      if (this.#end) return reject(endingOf(name, this.#end))
      this.#calls.set(id, { ...caller, name, toldBytes: 0, resolve, reject })
      this.#watchdog.start()
      this.#channel.send({ ...message, id } satisfies ToChild)
    })
    return { id, value }
  }

  abort(id: number): void {
    this.#send({ type: "abort", id })
  }

  /** Ends the process and what it started at once. The call to blame fails with `error`, the others as bystanders. */
  kill(error: EngineError, blamed: number): void {
    this.#settle(blamed)?.reject(error)
    this.end(bystander(error))
  }

  /** Ends the process and what it started at once, and with it every call: each by its own name. */
  end(ending: Ending): void {
    this.#over(ending)
    this.#strike()
  }

  /** Kills it and waits until it is gone. */
  async close(): Promise<void> {
    this.end(endings.unloaded)
    await this.#gone
  }

  /** Waits until the process is gone, by itself or struck down; nothing of it is left then. */
  async #death(): Promise<void> {
    const how = await new Promise<string>((resolve) => {
      this.#child.once("error", (error) => resolve(`could not be started (${error.message})`))
      this.#child.once("exit", (code, signal) => resolve(code === null ? `was killed by ${signal}` : `exited with code ${code}`))
    })
    this.#strike()
    if (!this.#end) await Promise.race([once(this.#child, "close"), delay(LAST_WORDS_MS)])
    const { lastLines, tail } = this.#printed
    this.#over({ ...(lastOverrun(lastLines) ?? endings.gone(how, lastLines)), output: tail })
  }

  /** Its process group outlives it if it started others. */
  #strike(): void {
    const { pid } = this.#child
    if (pid === undefined) return
    try {
      process.kill(-pid, "SIGKILL")
    } catch {
      // Nothing is left of it.
    }
  }

  #over(ending: Ending): void {
    if (this.#end) return
    this.#end = ending
    this.#watchdog.stop()
    this.#settleLoad()
    const calls = [...this.#calls.values()]
    this.#calls.clear()
    for (const call of calls) call.reject(endingOf(call.name, ending, calls.filter((other) => other !== call).map(({ name }) => name)))
    if (calls.length === 0) this.#start.print(`Between calls, ${ending.what}.`)
    this.#channel.close()
  }

  #print(line: string): void {
    if (this.#printed.isTooMuch) return
    const shown = this.#start.redact(line)
    this.#start.print(shown)
    this.#printed.add(shown)
    if (this.#printed.isTooMuch) this.end(endings.printedTooMuch)
  }

  #settle(id: number): Waiting | undefined {
    const call = this.#calls.get(id)
    this.#calls.delete(id)
    if (this.#calls.size > 0) return call
    this.#watchdog.stop()
    this.#printed.idle()
    return call
  }

  #send(message: ToChild): void {
    this.#channel.send(message)
  }

  #receive(message: unknown): void {
    this.#watchdog.heard()
    if (isFromChild(message)) this.#take(message)
    else this.end(endings.noMessage)
  }

  #take(message: FromChild): void {
    switch (message.type) {
      case "ready": return this.#settleLoad()
      case "unfit": return this.end({ code: "plugin_failed", what: `its code can't be loaded: ${message.error.message}`, output: "stack" in message.error ? message.error.stack : undefined })
      case "ended": return this.#ended(message)
      case "request": return void this.#serve(message)
      case "log": return this.#tell(message.call, Buffer.byteLength(message.line), (call) => call.log(message.line))
      case "progress": return this.#tell(message.call, Buffer.byteLength(message.message ?? ""), (call) => call.progress({ fraction: message.fraction, message: message.message }))
      case "pong": return
    }
  }

  #tell(id: number, bytes: number, tell: (call: Waiting) => void): void {
    const call = this.#calls.get(id)
    if (!call) return
    call.toldBytes += bytes
    if (call.toldBytes <= limits.toldBytes) return tell(call)
    this.kill(endingOf(call.name, endings.toldTooMuch), id)
  }

  /** A program may write faster than a handler listens, for ever. */
  #line(id: number, line: string): void {
    if (this.#channel.backlogBytes > limits.waitingBytes) throw new EngineError("output_too_large", `${this.#start.name} is told more lines than it takes: ${mebibytes(limits.waitingBytes)} of them wait.`, { action: "Let the command write less, or keep its output on the host." })
    this.#send({ type: "line", id, line })
  }

  /** A process that came up against a limit is not asked for more: what it keeps would stand in the next call's way. */
  #ended({ id, value, error }: FromChild & { type: "ended" }): void {
    const overrun = error && overrunOf(error)
    const { name } = this.#calls.get(id) ?? {}
    if (overrun && name !== undefined) return this.kill(endingOf(name, { ...overrun, output: "stack" in error ? error.stack : undefined }), id)
    const call = this.#settle(id)
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
