import type { Pull, Pulled } from "./port.ts"

const PROGRESS = /^\s*(\d+)\s+(\d+)%\s+\S+\s+\S+(?: \(xfr#(\d+), (to|ir)-chk=\d+\/\d+\))?/

/** The lines at rsync's end; of the numbers in them three are told on. */
const STATISTICS = /^(?:Number of|Total|Literal data|Matched data|File list|sent|total size is) |^(?:Literal|Matched) data:|^$/

const MEBIBYTE = 2 ** 20

/** How often progress is told on; rsync tells it with every file. */
const EVERY_MS = 200

/** Reads what rsync writes: its progress, its statistics, and whatever else it has to say. */
export class PullReport {
  readonly #to: Pick<Pull, "onLine" | "onProgress">
  #told = 0
  #pulled: Pulled = { files: 0, bytes: 0, deleted: 0 }

  constructor(to: Pick<Pull, "onLine" | "onProgress">) {
    this.#to = to
  }

  /** What it has moved, once it has ended. */
  get pulled(): Pulled {
    return this.#pulled
  }

  add(line: string): void {
    const progress = PROGRESS.exec(line)
    if (progress) return this.#progress(progress)
    if (!STATISTICS.test(line)) return this.#to.onLine?.(line)
    const { files, bytes, deleted } = this.#pulled
    const numberAfter = (label: string, otherwise: number) => Number(new RegExp(`^${label}: (\\d+)`).exec(line)?.[1] ?? otherwise)
    this.#pulled = {
      files: numberAfter("Number of regular files transferred", files),
      bytes: numberAfter("Total transferred file size", bytes),
      deleted: numberAfter("Number of deleted files", deleted),
    }
  }

  #progress([, bytes, percent, files = "0", list]: RegExpExecArray): void {
    const now = performance.now()
    if (now - this.#told < EVERY_MS) return
    this.#told = now
    const message = `${files} files, ${(Number(bytes) / MEBIBYTE).toFixed(1)} MiB copied`
    // Until the whole list of files is known, nobody knows what the percentage is of.
    this.#to.onProgress?.(list === "to" ? { fraction: Math.min(Number(percent) / 100, 1), message } : { message })
  }
}
