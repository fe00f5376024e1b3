import { StringDecoder } from "node:string_decoder"

/** Keeps a stream's first bytes, or its last, up to a limit. */
export class Capture {
  readonly #keep: "first" | "last"
  readonly #limit: number
  #chunks: Buffer[] = []
  #bytes = 0
  #truncated = false

  constructor(keep: "first" | "last", limit: number) {
    this.#keep = keep
    this.#limit = limit
  }

  get truncated(): boolean {
    return this.#truncated
  }

  add(chunk: Buffer): void {
    if (this.#keep === "first") return this.#addFirst(chunk)
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    while (this.#bytes > this.#limit) this.#dropOldest()
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8")
  }

  #addFirst(chunk: Buffer): void {
    const kept = chunk.subarray(0, this.#limit - this.#bytes)
    if (kept.length < chunk.length) this.#truncated = true
    if (kept.length === 0) return
    this.#chunks.push(kept)
    this.#bytes += kept.length
  }

  #dropOldest(): void {
    this.#truncated = true
    const [oldest] = this.#chunks
    if (!oldest) return
    const excess = this.#bytes - this.#limit
    if (oldest.length > excess) this.#chunks[0] = oldest.subarray(excess)
    else this.#chunks.shift()
    this.#bytes -= Math.min(oldest.length, excess)
  }
}

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
