import { claimLook } from "../catalog/observed.ts"
import type { Rhythm } from "../config.ts"
import type { Engine } from "./engine.ts"
import { measureDsource, measureVdb } from "./size.ts"
import { dsourceStatus, vdbStatus } from "./status.ts"
import { requestDueWorkers } from "./worker.ts"

const USUAL: Rhythm = { tickMs: 10_000, healthMs: 300_000, sizeMs: 3_600_000 }

/**
 * Looks after what runs, now and then: health, sizes, workers. One look at a time of each kind, however many objects there
 * are: a busy machine is looked at more rarely, not made busier. Engines that share a catalog share the looking.
 */
export class Watch {
  readonly #engine: Engine
  readonly #rhythm: Rhythm
  readonly #report: (thrown: unknown) => void
  readonly #stopping = new AbortController()
  readonly #running = new Map<string, Promise<void>>()
  #timer: NodeJS.Timeout | undefined

  constructor(engine: Engine, { rhythm = {}, report }: { rhythm?: Partial<Rhythm> | undefined; report: (thrown: unknown) => void }) {
    this.#engine = engine
    this.#rhythm = { ...USUAL, ...rhythm }
    this.#report = report
  }

  start(): void {
    const { catalog } = this.#engine
    const { tickMs, healthMs, sizeMs, workerMs } = this.#rhythm
    const { signal } = this.#stopping
    this.#timer = setInterval(() => {
      this.#once("workers", () => requestDueWorkers(this.#engine, workerMs))
      this.#once("health", () => this.#each((kind) => claimLook(catalog, kind, "health", healthMs), { dsource: (id) => dsourceStatus(this.#engine, id, signal), vdb: (id) => vdbStatus(this.#engine, id, signal) }))
      this.#once("size", () => this.#each((kind) => claimLook(catalog, kind, "size", sizeMs), { dsource: (id) => measureDsource(this.#engine, id, signal), vdb: (id) => measureVdb(this.#engine, id, signal) }))
    }, tickMs)
  }

  /** Ends when no look is under way any more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopping.abort()
    await Promise.all(this.#running.values())
  }

  /** One that is still at it is left to it. */
  #once(name: string, work: () => Promise<void>): void {
    if (this.#running.has(name)) return
    const done = work().catch((thrown: unknown) => (this.#stopping.signal.aborted ? undefined : this.#report(thrown))).finally(() => this.#running.delete(name))
    this.#running.set(name, done)
  }

  async #each(claim: (kind: "dsource" | "vdb") => Promise<string | undefined>, look: Record<"dsource" | "vdb", (id: string) => Promise<unknown>>): Promise<void> {
    for (const kind of ["dsource", "vdb"] as const) {
      for (let id = await claim(kind); id !== undefined && !this.#stopping.signal.aborted; id = await claim(kind)) {
        // One that can't be looked at must not keep the others from it.
        await look[kind](id).catch((thrown: unknown) => (this.#stopping.signal.aborted ? undefined : this.#report(thrown)))
      }
    }
  }
}
