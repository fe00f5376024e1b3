import { accessSync, constants, lstatSync } from "node:fs"
import { statfs } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { EngineError } from "../errors.ts"
import { syncDirectory, systemCode } from "../system/files.ts"
import { type Argv, outputOf, type Run } from "../system/program.ts"
import type { Capacity, Dataset, Storage, Usage } from "./port.ts"
import { DatasetTree } from "./tree.ts"

/** The inode number of every subvolume's top directory, and of no other directory. */
const SUBVOLUME_INODE = 256

/**
 * Datasets as subvolumes of a mounted btrfs. Making one is a single transaction of the kernel, so nothing is ever
 * half-made, and looking needs no process: a clone costs one, `btrfs subvolume snapshot`.
 */
export class BtrfsStorage implements Storage {
  readonly driver = "btrfs"
  readonly atomic = true
  readonly #tree: DatasetTree
  readonly #run: Run

  constructor({ root, run }: { root: string; run: Run }) {
    this.#tree = new DatasetTree({ root, isDataset: isSubvolume })
    this.#run = run
  }

  path(name: string): string {
    return this.#tree.path(name)
  }

  async create(name: string): Promise<void> {
    await this.#tree.make(name, async (path) => {
      await this.#btrfs("subvolume", "create", path)
      // Unlike a snapshot, which is committed when the program ends.
      await syncDirectory(dirname(path))
    })
  }

  async snapshot(from: string, to: string): Promise<void> {
    await this.#copy(from, to, ["-r"])
  }

  async clone(from: string, to: string): Promise<void> {
    await this.#copy(from, to, [])
  }

  async destroy(name: string): Promise<void> {
    await this.#tree.alone(name, async (path) => {
      if (!isSubvolume(path)) return
      await this.#tree.checkUnused(name)
      await this.#delete(path)
    })
  }

  async list(): Promise<Dataset[]> {
    const names = await this.#tree.names()
    return names.flatMap((name) => {
      const readOnly = isReadOnly(this.path(name))
      return readOnly === undefined ? [] : [{ name, readOnly }]
    })
  }

  async sweep(): Promise<string[]> {
    return this.#tree.removeEmptyFolders()
  }

  /** Counts what has reached the disk; writes of the last half minute may be missing. */
  async usage(name: string): Promise<Usage> {
    this.#tree.require(name)
    const output = await this.#btrfs("filesystem", "du", "-s", "--raw", this.path(name))
    const [logical, own] = /^\s*(\d+)\s+(\d+)\s/m.exec(output)?.slice(1).map(Number) ?? []
    if (logical === undefined || own === undefined) {
      throw new EngineError("internal", `btrfs filesystem du said nothing of ${name}.`, { output })
    }
    return { ownBytes: own, logicalBytes: logical }
  }

  async capacity(): Promise<Capacity> {
    this.#tree.checkAttached()
    const { blocks, bavail, bsize } = await statfs(this.#tree.root)
    return { totalBytes: blocks * bsize, freeBytes: bavail * bsize }
  }

  async #copy(from: string, to: string, options: readonly string[]): Promise<void> {
    await this.#tree.make(to, async (path) => {
      this.#tree.require(from)
      const source = this.path(from)
      if (options.length === 0 && !isReadOnly(source)) throw new EngineError("wrong_state", `Dataset ${from} is writable; a clone is made of a snapshot.`)
      await this.#btrfs("subvolume", "snapshot", ...options, source, path)
      // If a killed engine's orphan made it in the same instant, the program has put a second one into the first.
      const stray = join(path, basename(source))
      if (isSubvolume(stray)) await this.#delete(stray)
    })
  }

  async #delete(path: string): Promise<void> {
    const outcome = await this.#run(["btrfs", "subvolume", "delete", path])
    if (outcome.exitCode === 0) return
    // Anybody may make a subvolume in a directory of theirs, and one is in the way of its parent's end.
    for (const inner of await this.#innerSubvolumes(path)) await this.#delete(inner)
    await this.#btrfs("subvolume", "delete", path)
  }

  async #innerSubvolumes(path: string): Promise<string[]> {
    const output = await this.#btrfs("subvolume", "list", "-o", path)
    return Array.from(output.matchAll(/^ID \d+ .*? path (.+)$/gm), ([, inner]) => join(this.#tree.root, inner ?? ""))
  }

  async #btrfs(...args: string[]): Promise<string> {
    const argv: Argv = ["btrfs", ...args]
    return outputOf(this.#run, argv, "pool_unavailable")
  }
}

function isSubvolume(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.ino === SUBVOLUME_INODE
}

/** Undefined when it has gone meanwhile. The kernel refuses root, too, to write to a read-only subvolume. */
function isReadOnly(path: string): boolean | undefined {
  try {
    accessSync(path, constants.W_OK)
    return false
  } catch (error) {
    if (systemCode(error) === "EROFS") return true
    if (systemCode(error) === "ENOENT") return undefined
    throw error
  }
}
