import type { Duplex } from "node:stream"

/** A message longer than this is a fault: the largest honest one holds two full output streams. */
const MESSAGE_LIMIT = 64 * 1024 * 1024

const LINE_BREAK = 0x0a

/** What a channel does with what comes. */
export interface Receiver {
  receive(message: unknown): void
  /** Something came that is no message. Nothing is received after it. */
  garbage(what: string): void
}

/**
 * JSON messages over a stream, one a line. Node's own channel for child processes would do, if what a child writes to it
 * could not throw an error in the parent.
 */
export class Channel {
  readonly #stream: Duplex
  readonly #receiver: Receiver
  #pieces: Buffer[] = []
  #length = 0

  constructor(stream: Duplex, receiver: Receiver) {
    this.#stream = stream
    this.#receiver = receiver
    stream.on("data", (chunk: Buffer) => this.#take(chunk))
    // The other side's end shows as its process's exit.
    stream.on("error", () => {})
  }

  send(message: object): void {
    if (this.#stream.writable) this.#stream.write(`${JSON.stringify(message)}\n`)
  }

  /** Bytes that the other side has yet to take. */
  get backlogBytes(): number {
    return this.#stream.writableLength
  }

  close(): void {
    this.#stream.destroy()
  }

  #take(chunk: Buffer): void {
    let start = 0
    for (let end = chunk.indexOf(LINE_BREAK); end !== -1; end = chunk.indexOf(LINE_BREAK, start)) {
      this.#pieces.push(chunk.subarray(start, end))
      this.#message(Buffer.concat(this.#pieces).toString("utf8"))
      this.#pieces = []
      this.#length = 0
      start = end + 1
      if (this.#stream.destroyed) return
    }
    this.#pieces.push(chunk.subarray(start))
    this.#length += chunk.length - start
    if (this.#length > MESSAGE_LIMIT) this.#garbage("a message without an end")
  }

  #message(text: string): void {
    let message: unknown
    try {
      message = JSON.parse(text)
    } catch {
      return this.#garbage(`a line that is no JSON: ${text.slice(0, 100)}`)
    }
    this.#receiver.receive(message)
  }

  #garbage(what: string): void {
    this.close()
    this.#receiver.garbage(what)
  }
}
