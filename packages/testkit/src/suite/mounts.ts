import { execFile } from "node:child_process"
import { lstat, mkdir, readlink, rm, rmdir, stat, symlink } from "node:fs/promises"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import type { Mount, MountSpecification, Ownership } from "@veneer/sdk"
import { nameHolders, type Newcomers } from "../hosts/local/processes.ts"

const run = promisify(execFile)

/** Absolute paths in the order of the mount specification. */
export type Mounts = [string, ...string[]]

/** A dataset and where it is to appear. */
export interface Mounting {
  /** Absolute path of the dataset's directory. */
  dataset: string
  specification: MountSpecification
  /** Path of the first mount that asks for none. */
  fallback: string
}

/** Lets datasets appear at paths as an engine without root does: by symbolic links. */
export class MountTable {
  readonly #links = new Map<string, string>()
  readonly #newcomers: Newcomers

  constructor(newcomers: Newcomers) {
    this.#newcomers = newcomers
  }

  async mount(mounting: Mounting): Promise<Mounts> {
    const { dataset, specification: { ownership } } = mounting
    const points = planned(mounting)
    for (const { source, target } of points) {
      if (source !== dataset) await mkdir(source, { recursive: true })
      if (ownership) await own(source, ownership)
      await this.#link(source, target)
    }
    return targetsOf(points)
  }

  /** Where a dataset is mounted in this way; undefined when any of it is not. */
  mounted(mounting: Mounting): Mounts | undefined {
    const points = planned(mounting)
    return points.every(({ source, target }) => this.#links.get(target) === source) ? targetsOf(points) : undefined
  }

  /** Where a dataset, or a directory of it, appears. */
  of(dataset: string): string[] {
    return [...this.#links].filter(([, source]) => source === dataset || source.startsWith(`${dataset}/`)).map(([target]) => target)
  }

  /** Takes away every mount of a dataset. @returns who still uses it; then nothing is taken away */
  async unmount(dataset: string): Promise<string | undefined> {
    const points = [...this.#links].filter(([, source]) => source === dataset || source.startsWith(`${dataset}/`))
    if (points.length === 0) return undefined
    const holders = this.#newcomers.holding([dataset, ...points.map(([target]) => target)])
    if (holders.length > 0) return nameHolders(holders)
    for (const [target] of points) {
      await rm(target, { force: true })
      this.#links.delete(target)
    }
    return undefined
  }

  /** Takes everything away, whoever uses it. */
  async clear(): Promise<void> {
    for (const target of this.#links.keys()) await rm(target, { force: true })
    this.#links.clear()
  }

  async #link(source: string, target: string): Promise<void> {
    if (this.#links.get(target) === source) return
    const there = await lstat(target).catch(() => undefined)
    if (there?.isSymbolicLink()) throw new Error(`Something is mounted at ${target} already: ${await readlink(target)}.`)
    if (there) await rmdir(target).catch(() => Promise.reject(new Error(`Nothing can be mounted at ${target}: it is there, and no empty directory.`)))
    await mkdir(dirname(target), { recursive: true })
    await symlink(source, target)
    this.#links.set(target, source)
  }
}

interface Point {
  source: string
  target: string
}

/** At least one, as the mount specification itself. */
function planned({ dataset, specification, fallback }: Mounting): [Point, ...Point[]] {
  const point = ({ path, subdirectory }: Mount, index: number): Point => ({
    source: subdirectory === undefined ? dataset : join(dataset, subdirectory),
    target: path ?? (index === 0 ? fallback : `${fallback}-${index + 1}`),
  })
  const [first, ...rest] = specification.mounts
  return [point(first, 0), ...rest.map((mount, index) => point(mount, index + 1))]
}

const targetsOf = ([first, ...rest]: [Point, ...Point[]]): Mounts => [first.target, ...rest.map(({ target }) => target)]

async function own(path: string, { uid, gid }: Ownership): Promise<void> {
  const now = await stat(path)
  if (now.uid === uid && now.gid === gid) return
  if (process.getuid?.() !== 0) throw new Error(`The plugin gives its files to user ${uid} and group ${gid}: run these tests as root.`)
  await run("chown", ["-R", "--no-dereference", "--", `${uid}:${gid}`, path])
}
