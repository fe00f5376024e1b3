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
