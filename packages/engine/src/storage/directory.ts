import { randomUUID } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, rename, statfs, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { EngineError } from "../errors.ts"
import { entriesOf, syncDirectory } from "../system/files.ts"
import { holdersOf } from "../system/holders.ts"
import { type Argv, outputOf, type Run } from "../system/program.ts"
import type { Capacity, Dataset, Storage, Usage } from "./port.ts"
import { DatasetTree } from "./tree.ts"

/** In a dataset's directory: its files' folder, and a mark that says which kind of dataset it is. */
const FILES = "files"
const READ_ONLY = ".read-only"
const WRITABLE = ".writable"
/** Below the root: what is being made or removed, one directory each, named `<dataset, + for />.<one attempt>`. */
const UNFINISHED = ".unfinished"

/** How one driver differs from another. */
export interface DirectoryOptions {
  driver: string
  /** Absolute path, without symbolic links, of a directory that is there. */
  root: string
  run: Run
  /**
   * Copies the directory `from` to `to`, which is not there, with all that can be preserved, by a program that works in
   * the directory above `to`: so an orphan of a killed engine is found there.
   */
  copy: (from: string, to: string) => Promise<void>
  /** Of the bytes that files below a path hold, those that other files hold, too. */
  sharedBytes: (path: string) => Promise<number>
}

/**
 * Datasets as directories, `<root>/<name>/files`. Each is made aside and renamed to its name, its mark with it, so that
 * name, content and kind appear in one instant; it goes the same way. Read-only is a promise the engine keeps: nothing
 * in the file system enforces it.
 */
export class DirectoryStorage implements Storage {
  readonly driver: string
  readonly atomic = false
  readonly #tree: DatasetTree
  readonly #options: DirectoryOptions
  /** Directories in `.unfinished` that a call of this process works on. */
  readonly #attempts = new Set<string>()

  constructor(options: DirectoryOptions) {
    this.driver = options.driver
    this.#options = options
    this.#tree = new DatasetTree({ root: options.root, isDataset: (path) => markOf(path) !== undefined })
  }

  path(name: string): string {
    return join(this.#tree.path(name), FILES)
  }

  async create(name: string): Promise<void> {
    await this.#make(name, WRITABLE, async (files) => mkdir(files, { mode: 0o755 }))
  }

  async snapshot(from: string, to: string): Promise<void> {
    await this.#make(to, READ_ONLY, async (files) => {
      this.#tree.require(from)
      await this.#options.copy(this.path(from), files)
    })
  }

  async clone(from: string, to: string): Promise<void> {
    await this.#make(to, WRITABLE, async (files) => {
      this.#tree.require(from)
      if (markOf(this.#tree.path(from)) !== READ_ONLY) {
        throw new EngineError("wrong_state", `Dataset ${from} is writable; a clone is made of a snapshot.`)
      }
      await this.#options.copy(this.path(from), files)
    })
  }

  async destroy(name: string): Promise<void> {
    await this.#tree.alone(name, async (path) => {
      if (!this.#tree.has(name)) return
      await this.#tree.checkUnused(name)
      await this.#attempt(name, (doomed) => rename(path, doomed))
    })
  }

  async list(): Promise<Dataset[]> {
    const names = await this.#tree.names()
    return names.flatMap((name) => {
      const mark = markOf(this.#tree.path(name))
      return mark === undefined ? [] : [{ name, readOnly: mark === READ_ONLY }]
    })
  }

  async sweep(): Promise<string[]> {
    const folders = await this.#tree.removeEmptyFolders()
    const removed = await this.#removeLeftovers(() => true)
    return [...folders, ...removed]
  }

  async usage(name: string): Promise<Usage> {
    this.#tree.require(name)
    const output = await this.#program("du", "-s", "--block-size=1", "--", this.path(name))
    const logicalBytes = Number.parseInt(output, 10)
    const shared = await this.#options.sharedBytes(this.path(name))
    return { ownBytes: Math.max(0, logicalBytes - shared), logicalBytes }
  }

  async capacity(): Promise<Capacity> {
    this.#tree.checkAttached()
    const { blocks, bavail, bsize } = await statfs(this.#tree.root)
    return { totalBytes: blocks * bsize, freeBytes: bavail * bsize }
  }

  async #make(name: string, mark: string, fill: (files: string) => Promise<void>): Promise<void> {
    await this.#tree.make(name, async (path) => {
      await this.#removeLeftovers((dataset) => dataset === name)
      await this.#attempt(name, async (partial) => {
        await mkdir(partial, { mode: 0o755 })
        await fill(join(partial, FILES))
        await writeFile(join(partial, mark), "")
        await rename(partial, path)
        await syncDirectory(dirname(path))
      })
    })
  }

  /** Lets work use a directory of its own in `.unfinished`, and removes what is there in the end. */
  async #attempt(name: string, work: (directory: string) => Promise<void>): Promise<void> {
    // A killed engine's orphaned `cp` may still be writing, so no two attempts share a directory.
    const entry = `${name.replaceAll("/", "+")}.${randomUUID()}`
    const directory = join(this.#tree.root, UNFINISHED, entry)
    this.#attempts.add(entry)
    try {
      await mkdir(dirname(directory), { recursive: true, mode: 0o755 })
      await work(directory)
      if (existsSync(directory)) await this.#remove(directory)
    } catch (error) {
      // What can't be removed now is swept later; what went wrong first is what counts.
      if (existsSync(directory)) await this.#remove(directory).catch(() => undefined)
      throw error
    } finally {
      this.#attempts.delete(entry)
    }
  }

  /** What an orphan is still writing is left for the next time. */
  async #removeLeftovers(concerns: (dataset: string) => boolean): Promise<string[]> {
    const removed: string[] = []
    for (const { name: entry } of await entriesOf(join(this.#tree.root, UNFINISHED))) {
      const dataset = entry.replace(/\..*$/, "").replaceAll("+", "/")
      const directory = join(this.#tree.root, UNFINISHED, entry)
      if (this.#attempts.has(entry) || !concerns(dataset) || (await holdersOf(directory)).length > 0) continue
      await this.#remove(directory)
      removed.push(dataset)
    }
    return removed
  }

  /** By `rm`, since names that are not UTF-8 are beyond Node. */
  async #remove(directory: string): Promise<void> {
    const { exitCode } = await this.#options.run(["rm", "-rf", "--one-file-system", "--", directory])
    if (exitCode === 0) return
    // Whoever is not root cannot empty a directory of theirs that forbids writing.
    await this.#options.run(["chmod", "-R", "u+rwX", "--", directory])
    await this.#program("rm", "-rf", "--one-file-system", "--", directory)
  }

  async #program(...argv: Argv): Promise<string> {
    return outputOf(this.#options.run, argv, "pool_unavailable")
  }
}

const markOf = (path: string): string | undefined => [READ_ONLY, WRITABLE].find((mark) => existsSync(join(path, mark)))
