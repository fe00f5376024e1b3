import { createHash } from "node:crypto"
import { lstatSync, readlinkSync, realpathSync, rmSync, symlinkSync, unlinkSync } from "node:fs"
import { dirname, join } from "node:path"
import { EngineError } from "../errors.ts"
import { entriesOf, removeIfEmpty } from "../system/files.ts"
import { holdersOf, nameHolders } from "../system/holders.ts"
import { within } from "../system/mountinfo.ts"
import { runProgram } from "../system/program.ts"
import { Turns } from "../turns.ts"
import { checkEmpty, realSource, type ShareOptions } from "./bind.ts"
import { evict } from "./evict.ts"
import { own } from "./own.ts"
import type { MountPoint, Share } from "./port.ts"
import { makeFolder, realPath, removeEmptyFoldersAbove, targetOf } from "./target.ts"

/** In the mount root: links to the links outside it. */
const NOTES = ".outside"

/**
 * Storage on the engine's own machine without root: a symbolic link in place of a mount. No kernel keeps a list of links,
 * so those outside the mount root are noted in it before they are made; what a note says counts only while it is true.
 * Whoever works in the dataset, by whatever path, holds the link.
 *
 * @example
 * const share = createLinkShare({ mountRoot: "/home/ann/veneer/mounts", poolRoot: "/home/ann/veneer/pools" })
 */
export function createLinkShare({ run = runProgram, ...options }: ShareOptions): Share {
  makeFolder(options.mountRoot)
  const mountRoot = realpathSync(options.mountRoot)
  const poolRoot = realpathSync(options.poolRoot)
  const notes = join(mountRoot, NOTES)
  const noteOf = (target: string) => join(notes, createHash("sha256").update(target).digest("hex"))
  const turns = new Turns()

  async function mount({ source, target }: MountPoint): Promise<void> {
    const wanted = realSource(source)
    const present = linkAt(target)
    if (present === wanted) return
    if (present !== undefined) throw new EngineError("mount_occupied", `${target} is a link to ${present}.`)
    checkEmpty(target)
    if (!within(target, mountRoot)) note(target)
    makeFolder(dirname(target))
    removeIfEmpty(target)
    symlinkSync(wanted, target)
  }

  async function unmount(target: string): Promise<void> {
    const source = linkAt(target)
    if (source === undefined) return rmSync(noteOf(target), { force: true })
    if (!within(target, mountRoot) && !within(source, poolRoot)) {
      throw new EngineError("mount_occupied", `The link at ${target} is not the engine's.`)
    }
    const holders = await holdersOf(source)
    if (holders.length > 0) throw new EngineError("mount_busy", `${target} is in use by ${nameHolders(holders)}.`)
    unlinkSync(target)
    rmSync(noteOf(target), { force: true })
    removeEmptyFoldersAbove(target, mountRoot)
  }

  function note(target: string): void {
    makeFolder(notes)
    if (linkAt(noteOf(target)) === undefined) symlinkSync(target, noteOf(target))
  }

  async function list(): Promise<MountPoint[]> {
    const noted = (await linksBelow(notes)).flatMap(({ source: target }) => {
      const source = linkAt(target)
      return source === undefined ? [] : [{ source, target }]
    })
    const inside = await linksBelow(mountRoot)
    return [...inside.filter(({ target }) => !within(target, notes)), ...noted]
  }

  return {
    kind: "link",
    async mount({ source, target }) {
      const path = targetOf(target, { poolRoot })
      await turns.take(path, () => mount({ source, target: path }))
    },
    async unmount(target) {
      const path = targetOf(target, { poolRoot })
      await turns.take(path, () => unmount(path))
    },
    own: (path, owner) => own(run, path, owner),
    holders: (path) => holdersOf(realPath(path)),
    async evict(path) {
      await evict(realPath(path), { folders: [mountRoot, poolRoot], mounts: [] })
    },
    list,
  }
}

const linkAt = (path: string): string | undefined =>
  lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : undefined

async function linksBelow(folder: string): Promise<MountPoint[]> {
  const points: MountPoint[] = []
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name)
    if (entry.isSymbolicLink()) points.push({ source: readlinkSync(path), target: path })
    else if (entry.isDirectory()) points.push(...(await linksBelow(path)))
  }
  return points
}
