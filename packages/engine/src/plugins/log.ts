/** How many lines are kept, and how much of each. */
const LINES = 500
const LINE_LENGTH = 4_096

/** One line that a plugin printed. */
export interface PluginLine {
  /** Tells where a reader goes on. */
  cursor: string
  line: string
}

/** What a plugin printed outside any call: the last lines. It outlives the plugin's process, and a new build of the plugin. */
export class PluginLog {
  readonly #kept: PluginLine[] = []
  readonly #listeners = new Set<() => void>()
  /** Cursors of an earlier engine mean nothing to this one. */
  readonly #life = Date.now().toString(36)
  #count = 0

  add(line: string): void {
    this.#count++
    this.#kept.push({ cursor: `${this.#life}-${this.#count}`, line: line.slice(0, LINE_LENGTH) })
    if (this.#kept.length > LINES) this.#kept.shift()
    for (const listener of this.#listeners) listener()
  }

  /** Lines after a cursor, oldest first; all that are kept without one, or after one that is not known any more. */
  lines(after?: string): readonly PluginLine[] {
    const index = after === undefined ? -1 : this.#kept.findIndex(({ cursor }) => cursor === after)
    return this.#kept.slice(index + 1)
  }

  /** Has a listener told of each new line. @returns what ends it */
  onLine(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
