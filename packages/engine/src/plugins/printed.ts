import { limits } from "@veneer/sdk/contract"

/** Printed lines that are kept for the error of whoever ends with the process. */
const LINES = 40

/** What a process has printed: how much since it was last idle, and the last lines of it. */
export class Printed {
  readonly #lines: string[] = []
  #bytes = 0

  add(line: string): void {
    this.#bytes += Buffer.byteLength(line) + 1
    this.#lines.push(line)
    if (this.#lines.length > LINES) this.#lines.shift()
  }

  /** Whether it is more than a process may print. */
  get isTooMuch(): boolean {
    return this.#bytes > limits.printedBytes
  }

  /** No call is under way: what is printed from now on is counted anew. */
  idle(): void {
    this.#bytes = 0
  }

  get lastLines(): readonly string[] {
    return this.#lines
  }

  /** The last lines as one text; undefined when there is none. */
  get tail(): string | undefined {
    const text = this.#lines.join("\n").trim().slice(-limits.tailBytes)
    return text === "" ? undefined : text
  }
}
