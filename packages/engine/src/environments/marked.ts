import { Transform, type TransformCallback } from "node:stream"

const NEWLINE = 0x0a

/** What comes before the mark is kept up to here, to show when there is none. */
const NOISE_BYTES = 4096

/**
 * Lets through what comes after a marked line, `MARK WORD`: what comes before it is the start-up files' noise. A file may
 * leave its last line unended, so the mark may stand in the middle of one.
 */
export class Marked extends Transform {
  readonly #mark: Buffer
  #before: Buffer = Buffer.alloc(0)
  #word: string | undefined

  constructor(mark: string) {
    super()
    this.#mark = Buffer.from(`${mark} `)
  }

  /** The word of the marked line, once that has come; told by the event `word`. */
  get word(): string | undefined {
    return this.#word
  }

  /** The end of what came before. */
  get noise(): string {
    return this.#before.toString("utf8").trim()
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#word !== undefined) return done(null, chunk)
    this.#before = Buffer.concat([this.#before, chunk])
    const start = this.#before.indexOf(this.#mark)
    const end = start === -1 ? -1 : this.#before.indexOf(NEWLINE, start)
    if (end === -1) {
      if (start === -1) this.#before = this.#before.subarray(-NOISE_BYTES)
      return done()
    }
    const rest = this.#before.subarray(end + 1)
    this.#word = this.#before.toString("utf8", start + this.#mark.length, end)
    this.#before = this.#before.subarray(0, start)
    this.emit("word", this.#word)
    done(null, rest.length > 0 ? rest : undefined)
  }
}
