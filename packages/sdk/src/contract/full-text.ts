import { limits, mebibytes } from "./limits.ts"

/** A command's standard output, line by line: put into the job's log when it turns out to be more than is kept for the caller. */
export class FullText {
  readonly #name: string
  readonly #log: (line: string) => void
  #kept: string[] = []
  #bytes = 0

  constructor(name: string, log: (line: string) => void) {
    this.#name = name
    this.#log = log
  }

  add(line: string): void {
    const before = this.#bytes
    this.#bytes += Buffer.byteLength(line) + 1
    if (this.#bytes <= limits.outputBytes) this.#kept.push(line)
    else if (before <= limits.outputBytes) this.#overflow(line)
    else if (this.#bytes <= limits.loggedBytes) this.#log(line)
    else if (before <= limits.loggedBytes) this.#log(`What ${this.#name} wrote beyond ${mebibytes(limits.loggedBytes)} is left out.`)
  }

  #overflow(line: string): void {
    this.#log(`${this.#name} wrote more than the ${mebibytes(limits.outputBytes)} that are kept of it; here is all of it:`)
    for (const one of [...this.#kept, line]) this.#log(one)
    this.#kept = []
  }
}
