/** Channels that one connection carries at once: a server's usual limit is ten. */
const CHANNELS = 8

/** Of these, what may be held by commands that can take hours, so that short ones never wait for them. */
const LONG_CHANNELS = 5

/** Hands out a bounded number of channels, in the order in which they were asked for. */
export class Channels {
  #limit = CHANNELS
  #used = 0
  #long = 0
  readonly #waiting: { long: boolean; start: () => void }[] = []

  /** Waits for a channel. @returns what gives it back; calling that again does nothing */
  async take({ long, signal }: { long: boolean; signal?: AbortSignal | undefined }): Promise<() => void> {
    if (!this.#fits(long) || this.#waiting.length > 0) await this.#turn(long, signal)
    else this.#hold(long)
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#used--
      if (long) this.#long--
      this.#next()
    }
  }

  /** The server gave no channel beside those held: no more than them are asked for from now on. */
  narrow(): void {
    this.#limit = Math.max(1, Math.min(this.#limit, this.#used - 1))
  }

  /** Whether others are held, whose end makes room. */
  get shared(): boolean {
    return this.#used > 1
  }

  #fits(long: boolean): boolean {
    return this.#used < this.#limit && (!long || this.#long < Math.max(1, Math.min(LONG_CHANNELS, this.#limit - 1)))
  }

  #hold(long: boolean): void {
    this.#used++
    if (long) this.#long++
  }

  async #turn(long: boolean, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1)
        reject(signal?.reason instanceof Error ? signal.reason : new Error("The wait for a channel was given up."))
      }
      const entry = {
        long,
        start: () => {
          signal?.removeEventListener("abort", abort)
          resolve()
        },
      }
      signal?.addEventListener("abort", abort, { once: true })
      this.#waiting.push(entry)
      this.#next()
    })
  }

  #next(): void {
    for (let index = this.#waiting.findIndex(({ long }) => this.#fits(long)); index !== -1; index = this.#waiting.findIndex(({ long }) => this.#fits(long))) {
      const [entry] = this.#waiting.splice(index, 1)
      if (!entry) return
      this.#hold(entry.long)
      entry.start()
    }
  }
}
