import { StringDecoder } from "node:string_decoder"

/** A line longer than this is handed on in pieces. */
const LINE_LIMIT = 64 * 1024

/** Cuts a stream into whole lines, as they come. */
export class Lines {
  readonly #decoder = new StringDecoder("utf8")
  readonly #onLine: (line: string) => void
  #rest = ""

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  add(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split("\n")
    this.#rest = lines.pop() ?? ""
    for (const line of lines) this.#onLine(line.endsWith("\r") ? line.slice(0, -1) : line)
    for (; this.#rest.length > LINE_LIMIT; this.#rest = this.#rest.slice(LINE_LIMIT)) this.#onLine(this.#rest.slice(0, LINE_LIMIT))
  }

  /** Hands on what came after the last line break. */
  end(): void {
    this.#rest += this.#decoder.end()
    if (this.#rest !== "") this.#onLine(this.#rest)
    this.#rest = ""
  }
}
