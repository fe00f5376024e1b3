import { existsSync, mkdirSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { EngineError } from "../errors.ts"
import { entriesOf, inOurWords, removeIfEmpty } from "../system/files.ts"
import { nameHolders, useOf } from "../system/holders.ts"
import { Turns } from "../turns.ts"
import { ancestorsOf, checkDatasetName, isNamePart } from "./names.ts"

/** What a driver hands to its tree. */
export interface TreeOptions {
  /** Absolute path, without symbolic links, of a directory that is there. */
  root: string
  /** Whether the directory at a path is a dataset; what is none is a folder of datasets. */
  isDataset: (path: string) => boolean
}

/**
 * The names of a pool as directories: a dataset stands at its name below the root, the folders above it are made when
 * needed and go when empty, and no dataset stands inside another. What has a name no dataset can have is left alone.
 */
export class DatasetTree {
  readonly root: string
  readonly #isDataset: (path: string) => boolean
  readonly #device: number
  readonly #turns = new Turns()
  /** Names being worked on; the folders above them are kept, empty or not. */
  readonly #active = new Set<string>()

  constructor({ root, isDataset }: TreeOptions) {
    this.root = root
    this.#isDataset = isDataset
    this.#device = statSync(root).dev
  }

  /** @throws EngineError `invalid_request` */
  path(name: string): string {
    checkDatasetName(name)
    return join(this.root, name)
  }

  has(name: string): boolean {
    return this.#isDataset(this.path(name))
  }

  /** @throws EngineError `dataset_missing` */
  require(name: string): void {
    if (!this.has(name)) throw new EngineError("dataset_missing", `Dataset ${name} is not in the pool at ${this.root}.`)
  }

  /** Lets work on one name happen alone, and says what the file system says in the engine's words. */
  async alone<T>(name: string, work: (path: string) => Promise<T>): Promise<T> {
    const path = this.path(name)
    return this.#turns.take(name, async () => {
      this.checkAttached()
      this.#active.add(name)
      try {
        return await work(path)
      } catch (error) {
        throw inOurWords(error)
      } finally {
        this.#active.delete(name)
        this.#removeEmptyFoldersAbove(name)
      }
    })
  }

  /** Does `make` if the dataset is not there, with the folders above its path there and nothing at the path itself. */
  async make(name: string, make: (path: string) => Promise<void>): Promise<void> {
    await this.alone(name, async (path) => {
      if (this.#isDataset(path)) return
      this.#checkOutsideOthers(name)
      mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
      if (existsSync(path) && !removeIfEmpty(path)) throw new EngineError("name_taken", `${name} is a folder of datasets.`)
      await make(path)
    })
  }

  /** @throws EngineError `dataset_busy` naming who uses it. */
  async checkUnused(name: string): Promise<void> {
    const { holders, mountPoints } = await useOf(this.path(name))
    const reasons = [
      ...(mountPoints.length > 0 ? [`mounted at ${mountPoints.join(", ")}`] : []),
      ...(holders.length > 0 ? [`held by ${nameHolders(holders)}`] : []),
    ]
    if (reasons.length > 0) throw new EngineError("dataset_busy", `Dataset ${name} is ${reasons.join(" and ")}.`)
  }

  /** Every dataset's name, sorted. */
  async names(): Promise<string[]> {
    this.checkAttached()
    return (await this.#walk("")).datasets.sort()
  }

  /** Removes folders that hold no dataset and that nobody is about to fill; returns their names. */
  async removeEmptyFolders(): Promise<string[]> {
    this.checkAttached()
    const { folders } = await this.#walk("")
    // Deepest first, since a folder may hold nothing but empty folders.
    return folders.sort().toReversed().filter((folder) => this.#removeFolder(folder))
  }

  /** An unmounted pool would look like an empty one. @throws EngineError `pool_unavailable` */
  checkAttached(): void {
    if (statSync(this.root, { throwIfNoEntry: false })?.dev === this.#device) return
    throw new EngineError("pool_unavailable", `The pool at ${this.root} is no longer attached.`)
  }

  #checkOutsideOthers(name: string): void {
    const above = ancestorsOf(name).find((ancestor) => this.#active.has(ancestor) || this.has(ancestor))
    if (above !== undefined) throw new EngineError("name_taken", `${name} would stand inside dataset ${above}.`)
    const below = [...this.#active].find((other) => other.startsWith(`${name}/`))
    if (below !== undefined) throw new EngineError("name_taken", `Dataset ${below} would stand inside ${name}.`)
  }

  async #walk(folder: string): Promise<{ datasets: string[]; folders: string[] }> {
    const datasets: string[] = []
    const folders: string[] = []
    for (const entry of await entriesOf(join(this.root, folder))) {
      if (!entry.isDirectory() || !isNamePart(entry.name)) continue
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`
      if (this.#isDataset(join(this.root, name))) {
        datasets.push(name)
        continue
      }
      const below = await this.#walk(name)
      datasets.push(...below.datasets)
      folders.push(name, ...below.folders)
    }
    return { datasets, folders }
  }

  #removeEmptyFoldersAbove(name: string): void {
    for (const folder of ancestorsOf(name).toReversed()) if (!this.#removeFolder(folder)) return
  }

  #removeFolder(folder: string): boolean {
    for (const name of this.#active) if (name.startsWith(`${folder}/`)) return false
    const path = join(this.root, folder)
    // An empty subvolume, too, is a directory that can be removed.
    return !this.#isDataset(path) && removeIfEmpty(path)
  }
}
