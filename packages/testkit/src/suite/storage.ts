import { execFile } from "node:child_process"
import { mkdir, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { promisify } from "node:util"

const run = promisify(execFile)

/** Where the suite keeps datasets. A storage driver under test has this shape, too. */
export interface SuiteStorage {
  /** Whether a snapshot of files that are being written is one of a single instant. Without it, the plugin is stopped meanwhile. */
  readonly atomic: boolean
  /** Absolute path of a dataset. */
  path(name: string): string
  create(name: string): Promise<void>
  snapshot(from: string, to: string): Promise<void>
  clone(from: string, to: string): Promise<void>
  /** One that is not there is fine. */
  destroy(name: string): Promise<void>
}

/** Datasets as plain directories, copied whole. */
export function copyStorage(root: string): SuiteStorage {
  const path = (name: string) => join(root, name)
  const copy = async (from: string, to: string) => {
    await rm(path(to), { recursive: true, force: true })
    await mkdir(dirname(path(to)), { recursive: true })
    await run("cp", ["-a", "--reflink=auto", "-T", "--", path(from), path(to)])
  }
  return {
    atomic: false, path, snapshot: copy, clone: copy,
    create: async (name) => void (await mkdir(path(name), { recursive: true })),
    destroy: async (name) => rm(path(name), { recursive: true, force: true }),
  }
}
