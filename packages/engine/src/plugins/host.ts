import { deadlineOf, limits } from "@veneer/sdk/contract"
import { setTimeout as delay } from "node:timers/promises"
import { cancelledBy } from "../cancelled.ts"
import { EngineError } from "../errors.ts"
import type { ToChild } from "./messages.ts"
import { Running, type Caller } from "./running.ts"
import type { Start } from "./start.ts"

/** How patient the engine is with plugins, where that is not as its limits say. */
export interface Patience {
  /** For operations that only look, and for migrations. */
  deadlineMs?: number | undefined
  /** For a cancelled handler to end. */
  graceMs?: number | undefined
  /** For a process to answer anything. */
  silentMs?: number | undefined
}

/** Whom code of a plugin finds outside of any operation. */
const nobody: Caller = { serve: () => Promise.reject(new Error("There is no host to run anything on.")), log() {}, progress() {} }

type CallMessage = Omit<ToChild & { type: "call" }, "id" | "type">

/** One plugin's process: started by the first call, kept, and started afresh by the next call when it has died. */
export class PluginHost {
  readonly #start: Omit<Start, "mode">
  readonly #patience: Patience
  readonly #calls = new Set<Promise<unknown>>()
  #running: Running | undefined
  #closed = false

  constructor(start: Omit<Start, "mode">, patience: Patience) {
    this.#start = start
    this.#patience = patience
  }

  /**
   * Calls an operation; ends early by its deadline, or by the signal.
   * @throws Thrown what the handler threw; EngineError `plugin_exited`, `plugin_timeout`, `plugin_failed`, `cancelled`
   */
  async call(message: CallMessage, caller: Caller, signal: AbortSignal): Promise<unknown> {
    const call = this.#call(message, caller, signal)
    this.#calls.add(call)
    try {
      return await call
    } finally {
      this.#calls.delete(call)
    }
  }

  async #call(message: CallMessage, caller: Caller, signal: AbortSignal): Promise<unknown> {
    const name = `${this.#start.name} ${message.operation}`
    const cancelled = () => cancelledBy(signal, `${name} was cancelled.`)
    const running = this.#alive()
    await running.loaded(name)
    if (signal.aborted) throw cancelled()
    const { id, value } = running.call(name, { type: "call", ...message }, caller)
    const timers: NodeJS.Timeout[] = []
    const killAfter = (ms: number, error: () => EngineError) => timers.push(setTimeout(() => running.kill(error(), id), ms))
    const abort = () => {
      running.abort(id)
      killAfter(this.#patience.graceMs ?? limits.cancelMs, cancelled)
    }
    const limit = deadlineOf(message.operation)
    const deadlineMs = limit && (this.#patience.deadlineMs ?? limit)
    if (deadlineMs !== undefined) killAfter(deadlineMs, () => new EngineError("plugin_timeout", `${name}: it did not end within ${deadlineMs / 1000} s, which is all that an operation has that only looks.`))
    signal.addEventListener("abort", abort, { once: true })
    try {
      const returned = await value
      if (signal.aborted) throw cancelled()
      return returned
    } catch (error) {
      throw signal.aborted ? cancelled() : error
    } finally {
      signal.removeEventListener("abort", abort)
      for (const timer of timers) clearTimeout(timer)
    }
  }

  /** Starts the plugin once, apart from any calls, to hear what it declares. */
  async describe(scripts: readonly string[]): Promise<unknown> {
    const running = this.#run("describe")
    try {
      await running.loaded(this.#start.name)
      return await running.call(this.#start.name, { type: "describe", scripts }, nobody).value
    } finally {
      await running.close()
    }
  }

  /**
   * Puts encoded values through one migration. The next call is served by a fresh process if this one doesn't live.
   * @throws Thrown what it threw; EngineError `plugin_exited`, `plugin_timeout`, `plugin_failed`
   */
  async migrate(migration: string, values: readonly unknown[]): Promise<unknown> {
    const running = this.#alive()
    const name = `${this.#start.name} migration ${migration}`
    await running.loaded(name)
    const { id, value } = running.call(name, { type: "migrate", migration, values }, nobody)
    const deadlineMs = this.#patience.deadlineMs ?? limits.migrateMs
    const timer = setTimeout(() => running.kill(new EngineError("plugin_timeout", `it did not end within ${deadlineMs / 1000} s`), id), deadlineMs)
    try {
      return await value
    } finally {
      clearTimeout(timer)
    }
  }

  /** Takes no further calls, gives those that run some time to end, then ends the process. */
  async retire(): Promise<void> {
    this.#closed = true
    const ended = new AbortController()
    const patience = delay(this.#patience.graceMs ?? limits.cancelMs, undefined, { signal: ended.signal }).catch(() => undefined)
    await Promise.race([Promise.allSettled(this.#calls), patience])
    ended.abort()
    await this.#running?.close()
  }

  /** Ends its process. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running?.close()
  }

  #alive(): Running {
    if (this.#closed) throw new EngineError("plugin_exited", `${this.#start.name} has been unloaded.`)
    if (!this.#running?.isAlive) this.#running = this.#run("serve")
    return this.#running
  }

  #run(mode: Start["mode"]): Running {
    return new Running({ ...this.#start, mode }, { silentMs: this.#patience.silentMs ?? limits.silentMs })
  }
}
