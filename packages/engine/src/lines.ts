import { StringDecoder } from "node:string_decoder"

/** A line longer than this is handed on in pieces. */
const LINE_LIMIT = 64 * 1024

/** Cuts a stream into whole lines, as they come. */
export class Lines {
  readonly #decoder = new StringDecoder("utf8")
  readonly #onLine: (line: string) => void
  readonly #break: "\n" | RegExp
  #rest = ""

  /** @param rewriting whether a carriage return ends a line, too: of a program that writes its progress over and over */
  constructor(onLine: (line: string) => void, { rewriting = false } = {}) {
    this.#onLine = onLine
    this.#break = rewriting ? /[\r\n]/ : "\n"
  }

  add(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split(this.#break)
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
