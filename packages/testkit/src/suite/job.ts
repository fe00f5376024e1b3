/** One undoable effect of a workflow. */
export interface Effect<T> {
  run: () => Promise<T>
  /** Removes only what `run` made; there may be nothing to undo. */
  undo?: () => Promise<unknown>
}

/** One run of a workflow: straight-line code made of steps, undone in reverse when one fails. */
export class Job {
  readonly signal: AbortSignal
  #done: { name: string; undo: () => Promise<unknown> }[] = []

  constructor(signal: AbortSignal) {
    this.signal = signal
  }

  async step<T>(name: string, { run, undo }: Effect<T>): Promise<T> {
    this.signal.throwIfAborted()
    if (undo) this.#done.push({ name, undo })
    return run()
  }

  /** The same; once it has happened, nothing before it is undone any more. */
  async commit<T>(name: string, effect: Effect<T>): Promise<T> {
    const output = await this.step(name, effect)
    this.#done = []
    return output
  }

  /** Undoes what happened, last first. The first failure is thrown when all of it was tried. */
  async undo(): Promise<void> {
    const failures: unknown[] = []
    for (const { undo } of this.#done.toReversed()) await undo().catch((error: unknown) => failures.push(error))
    this.#done = []
    if (failures.length > 0) throw failures[0]
  }
}
