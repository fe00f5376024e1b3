/** How a process is watched. */
export interface Vigilance {
  /** It is asked so often whether anybody is at home. */
  everyMs: number
  /** It is given up once it has been silent for so long; at the latest one question later. */
  silentMs: number
}

/**
 * Asks a process now and then whether anybody is at home, and tells when nobody is. Silence is counted in questions that
 * went unanswered, not by the clock: a machine that was suspended has not asked.
 */
export class Watchdog {
  readonly #vigilance: Vigilance
  readonly #ask: () => void
  readonly #stuck: () => void
  #timer: NodeJS.Timeout | undefined
  #unanswered = 0

  constructor(vigilance: Vigilance, { ask, stuck }: { ask: () => void; stuck: () => void }) {
    this.#vigilance = vigilance
    this.#ask = ask
    this.#stuck = stuck
  }

  /** Something came from the process. */
  heard(): void {
    this.#unanswered = 0
  }

  start(): void {
    if (this.#timer) return
    this.#unanswered = 0
    // What came while the engine itself was busy is only read after the timer.
    this.#timer = setInterval(() => setImmediate(() => this.#look()), this.#vigilance.everyMs).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    if (!this.#timer) return
    if (this.#unanswered * this.#vigilance.everyMs >= this.#vigilance.silentMs) return this.#stuck()
    this.#unanswered++
    this.#ask()
  }
}
