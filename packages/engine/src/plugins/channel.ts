import { limits } from "@veneer/sdk/contract"
import type { Duplex } from "node:stream"

const LINE_BREAK = 0x0a

/** What a channel does with what comes. */
export interface Receiver {
  receive(message: unknown): void
  /** Something came that is no message. Nothing is received after it. */
  garbage(line: string): void
  /** A message came that is longer than one may be. Nothing is received after it. */
  tooLong(): void
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
      this.#keep(chunk.subarray(start, end))
      if (this.#stream.destroyed) return
      this.#message(Buffer.concat(this.#pieces).toString("utf8"))
      this.#pieces = []
      this.#length = 0
      start = end + 1
      if (this.#stream.destroyed) return
    }
    this.#keep(chunk.subarray(start))
  }

  #keep(piece: Buffer): void {
    this.#pieces.push(piece)
    this.#length += piece.length
    if (this.#length <= limits.messageBytes) return
    this.close()
    this.#receiver.tooLong()
  }

  #message(text: string): void {
    let message: unknown
    try {
      message = JSON.parse(text)
    } catch {
      this.close()
      return this.#receiver.garbage(text)
    }
    this.#receiver.receive(message)
  }
}
