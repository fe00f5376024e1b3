import { chmod, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A folder for one test file and what has to be undone before it goes, last first. */
export interface Sandbox {
  /** Absolute; every OS user may pass through. */
  readonly path: string
  /** Has `undo` done at the end, before what was deferred earlier. */
  defer(undo: () => Promise<unknown>): void
  clear(): Promise<void>
}

export async function createSandbox(name: string): Promise<Sandbox> {
  const path = await mkdtemp(join(tmpdir(), `veneer-${name}-`))
  await chmod(path, 0o711)
  const undos: (() => Promise<unknown>)[] = []
  return {
    path,
    defer: (undo) => void undos.push(undo),
    clear: async () => {
      const failures: unknown[] = []
      for (const undo of undos.toReversed()) await undo().catch((thrown: unknown) => failures.push(thrown))
      await rm(path, { recursive: true, force: true })
      if (failures.length > 0) throw new AggregateError(failures, "The sandbox could not be cleared.")
    },
  }
}
