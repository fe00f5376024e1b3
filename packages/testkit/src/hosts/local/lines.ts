import { StringDecoder } from "node:string_decoder"

/** Cuts a stream into whole lines as they come. */
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
    for (const line of lines) this.#onLine(line)
  }

  /** Hands on what came after the last line break. */
  end(): void {
    if (this.#rest !== "") this.#onLine(this.#rest)
    this.#rest = ""
  }
}
