const KINDS = ["out", "err", "exit"] as const

/** Kind and length. */
const HEAD_BYTES = 5

/** A piece of one of several streams that share one. */
export interface Frame {
  kind: (typeof KINDS)[number]
  /** Of `exit`, one byte: the exit code. */
  body: Buffer
}

export function frame(kind: Frame["kind"], body: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt8(KINDS.indexOf(kind), 0)
  head.writeUInt32BE(body.length, 1)
  return Buffer.concat([head, body])
}

/** Cuts what comes into frames. */
export class Frames {
  readonly #onFrame: (frame: Frame) => void
  #rest: Buffer = Buffer.alloc(0)

  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame
  }

  add(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    while (this.#rest.length >= HEAD_BYTES) {
      const kind = KINDS[this.#rest.readUInt8(0)]
      const end = HEAD_BYTES + this.#rest.readUInt32BE(1)
      if (kind === undefined) throw new Error("What came is no frame.")
      if (this.#rest.length < end) return
      this.#onFrame({ kind, body: this.#rest.subarray(HEAD_BYTES, end) })
      this.#rest = this.#rest.subarray(end)
    }
  }
}
