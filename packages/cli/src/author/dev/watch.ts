import { watch, type FSWatcher } from "node:fs"
import { readdir } from "node:fs/promises"
import { join } from "node:path"

/** What editors write beside the file one edits, and what is made of it. */
const IGNORED = /^(?:node_modules|dist|\.git|4913)$|~$|\.sw[a-z]$|^\.#|^#.*#$/
/** Several events of one save come within this time. */
const SETTLE_MS = 25

/** A folder whose files are watched. */
export interface Watched {
  path: string
  /** Folders in it, too. */
  deep: boolean
  /** Only files of these names. */
  only?: readonly string[]
}

/**
 * Tells once for each save below the folders, however many events the editor makes of it. Folders are watched rather
 * than files: many editors put a new file in the place of the old one.
 * @param saved told when the first event of the save came, in `performance.now()`
 * @returns what ends it
 */
export async function watchFolders(folders: readonly Watched[], saved: (at: number) => void): Promise<() => void> {
  const watchers = new Map<string, FSWatcher>()
  let first: number | undefined
  let timer: NodeJS.Timeout | undefined
  const changed = (): void => {
    first ??= performance.now()
    clearTimeout(timer)
    timer = setTimeout(() => {
      const at = first ?? performance.now()
      first = undefined
      saved(at)
    }, SETTLE_MS)
  }
  const forget = (path: string): void => {
    watchers.get(path)?.close()
    watchers.delete(path)
  }
  const add = async ({ path, deep, only }: Watched): Promise<void> => {
    const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined)
    // One that was replaced by another of its name is watched afresh.
    forget(path)
    if (!entries) return // it is a file, is gone, or has never been
    const watcher = watch(path)
    watchers.set(path, watcher)
    watcher.on("error", () => forget(path))
    watcher.on("change", (type, name) => {
      const text = String(name ?? "")
      if (IGNORED.test(text) || (only && !only.includes(text))) return
      changed()
      if (deep && type === "rename") void add({ path: join(path, text), deep })
    })
    if (deep) await Promise.all(entries.filter((entry) => entry.isDirectory() && !IGNORED.test(entry.name)).map((entry) => add({ path: join(path, entry.name), deep })))
  }
  for (const folder of folders) await add(folder)
  return () => {
    clearTimeout(timer)
    for (const watcher of watchers.values()) watcher.close()
  }
}
