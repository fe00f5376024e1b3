import { once } from "node:events"
import type { FastifyReply } from "fastify"

/** How often a silent stream says that it lives, so that proxies keep it open. */
const HEARTBEAT_MS = 15_000
/** After how long a client that lost the stream comes back. */
const RETRY_MS = 500

/** One answer of server-sent events (WHATWG HTML, section 9.2). */
export class EventStream {
  /** Aborted when the client is gone or the engine stops. */
  readonly ended: AbortSignal
  readonly #raw: FastifyReply["raw"]
  readonly #heartbeat: NodeJS.Timeout

  /** @param stopping aborted when the engine stops */
  constructor(reply: FastifyReply, stopping: AbortSignal) {
    reply.hijack()
    this.#raw = reply.raw
    const gone = new AbortController()
    this.#raw.once("close", () => gone.abort())
    this.ended = AbortSignal.any([gone.signal, stopping])
    this.#raw.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store", "x-accel-buffering": "no" })
    this.#raw.write(`retry: ${RETRY_MS}\n\n`)
    this.#heartbeat = setInterval(() => this.#raw.write(":\n\n"), HEARTBEAT_MS)
  }

  /** Sends an event, and waits where the client reads slowly. `data` is one JSON document, which has no line breaks. */
  async send({ event, id, data }: { event?: string; id?: string; data: string }): Promise<void> {
    if (this.ended.aborted) return
    const text = `${id === undefined ? "" : `id: ${id}\n`}${event === undefined ? "" : `event: ${event}\n`}data: ${data}\n\n`
    if (!this.#raw.write(text)) await once(this.#raw, "drain", { signal: this.ended }).catch(() => undefined)
  }

  end(): void {
    clearInterval(this.#heartbeat)
    this.#raw.end()
  }
}

/** Wakes one reader: what pokes between two waits is not lost, and many pokes are one. */
export class Wake {
  #poked = false
  #resolve: (() => void) | undefined

  readonly poke = (): void => {
    this.#poked = true
    this.#resolve?.()
  }

  /** Ends at a poke, when the signal aborts, or after `longestMs`. */
  async next(signal: AbortSignal, longestMs: number): Promise<void> {
    if (!this.#poked && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, longestMs)
        signal.addEventListener("abort", this.poke, { once: true })
        this.#resolve = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      signal.removeEventListener("abort", this.poke)
    }
    this.#poked = false
    this.#resolve = undefined
  }
}
