import type { Catalog } from "../catalog/catalog.ts"
import { insertLines } from "../catalog/steps.ts"

/** Lines of a job's log on their way to the catalog: written in the background, many at a time, in order. */
export class JobLog {
  readonly #catalog: Catalog
  readonly #jobId: string
  readonly #written: () => void
  #waiting: { step: string; at: Date; line: string }[] = []
  #writing: Promise<void> | undefined

  /** @param written called after each batch, so that readers look */
  constructor(catalog: Catalog, jobId: string, written: () => void) {
    this.#catalog = catalog
    this.#jobId = jobId
    this.#written = written
  }

  add(step: string, line: string): void {
    // The catalog's text has no NUL.
    this.#waiting.push({ step, at: new Date(), line: line.replaceAll("\0", "\u{fffd}") })
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined
    })
  }

  /** Ends when every line so far is written. */
  async flush(): Promise<void> {
    await this.#writing
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting.splice(0, 1000)
      // A lost log line must not fail the job it tells of; the catalog's absence shows in the job's own writes.
      await insertLines(this.#catalog, this.#jobId, lines).catch(() => undefined)
      this.#written()
    }
  }
}
