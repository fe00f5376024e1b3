/** Asks a process now and then whether anybody is at home, and tells when nobody is. */
export class Watchdog {
  readonly #intervalMs: number
  readonly #ask: () => void
  readonly #stuck: () => void
  #timer: NodeJS.Timeout | undefined
  #heard = true

  constructor(intervalMs: number, { ask, stuck }: { ask: () => void; stuck: () => void }) {
    this.#intervalMs = intervalMs
    this.#ask = ask
    this.#stuck = stuck
  }

  /** Something came from the process. */
  heard(): void {
    this.#heard = true
  }

  start(): void {
    if (this.#timer) return
    this.#heard = true
    // What came while the engine itself was busy is only read after the timer.
    this.#timer = setInterval(() => setImmediate(() => this.#look()), this.#intervalMs).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    if (!this.#timer) return
    if (!this.#heard) return this.#stuck()
    this.#heard = false
    this.#ask()
  }
}
