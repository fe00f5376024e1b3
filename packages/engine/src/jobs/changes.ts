import { EventEmitter } from "node:events"

/** How far a running step is. */
export interface Progress {
  step: string
  fraction?: number | undefined
  message?: string | undefined
}

/** Tells whoever looks that something in the catalog, or a job's progress, changed. What changed, they read themselves. */
export class Changes {
  readonly #emitter = new EventEmitter().setMaxListeners(0)
  readonly #progress = new Map<string, Progress>()

  /** An event was written, by this engine or another. */
  events(): void {
    this.#emitter.emit("events")
  }

  /** A job's state, steps, log or progress changed. */
  job(id: string): void {
    this.#emitter.emit(`job/${id}`)
  }

  progress(id: string, progress: Progress | undefined): void {
    if (progress) this.#progress.set(id, progress)
    else this.#progress.delete(id)
    this.job(id)
  }

  /** Progress of a job that this engine runs. */
  progressOf(id: string): Progress | undefined {
    return this.#progress.get(id)
  }

  /** @returns what ends the subscription */
  onEvents(listener: () => void): () => void {
    return this.#subscribe("events", listener)
  }

  onJob(id: string, listener: () => void): () => void {
    return this.#subscribe(`job/${id}`, listener)
  }

  #subscribe(name: string, listener: () => void): () => void {
    this.#emitter.on(name, listener)
    return () => this.#emitter.off(name, listener)
  }
}
