import { lstatSync, readdirSync, realpathSync } from "node:fs"
import { EngineError } from "../errors.ts"
import { removeIfEmpty } from "../system/files.ts"
import { holdersOf, nameHolders, useOf } from "../system/holders.ts"
import { type Mount, mountAt, pathsOf, type Place, placeOf, readMounts, within } from "../system/mountinfo.ts"
import { outputOf, type Run, runProgram } from "../system/program.ts"
import { Turns } from "../turns.ts"
import { evict } from "./evict.ts"
import { own } from "./own.ts"
import type { MountPoint, Share } from "./port.ts"
import { until } from "../until.ts"
import { makeFolder, realPath, removeEmptyFoldersAbove, targetOf } from "./target.ts"

/** How long a process may take to be gone that nobody can see any more. */
const LEAVING_MS = 5_000

export interface ShareOptions {
  /** Where mounts stand that were given no path; absolute. */
  mountRoot: string
  /** The folder the engine's pools are in: a mount of something in it is the engine's wherever it stands. */
  poolRoot: string
  /** How programs are run; left out, as child processes. */
  run?: Run
}

/**
 * Storage on the engine's own machine, by bind mounts; needs root. What is mounted where is read from the kernel.
 *
 * @example
 * const share = createBindShare({ mountRoot: "/var/lib/veneer/mounts", poolRoot: "/var/lib/veneer/pools" })
 * await share.mount({ source: storage.path("vdb/3k9x/g2"), target: "/srv/orders-test" })
 */
export function createBindShare({ run = runProgram, ...options }: ShareOptions): Share {
  makeFolder(options.mountRoot)
  const mountRoot = realpathSync(options.mountRoot)
  const poolRoot = realpathSync(options.poolRoot)
  const turns = new Turns()

  /** The directory a mount shows by its path elsewhere, in a pool if it can be; what was mounted, if it is nowhere else. */
  const sourceOf = (mounts: readonly Mount[], mount: Mount): string => {
    const paths = pathsOf(mounts.filter((other) => other.mountPoint !== mount.mountPoint), mount)
    return paths.find((path) => within(path, poolRoot)) ?? paths[0] ?? mount.source
  }
  const isOurs = (mounts: readonly Mount[], mount: Mount) =>
    within(mount.mountPoint, mountRoot) || within(sourceOf(mounts, mount), poolRoot)

  async function mount({ source, target }: MountPoint): Promise<void> {
    const mounts = readMounts()
    const place = placeOf(mounts, realSource(source))
    const present = mountAt(mounts, target)
    if (present && isSame(present, place)) return
    if (present) throw new EngineError("mount_occupied", `${sourceOf(mounts, present)} is mounted at ${target}.`)
    checkEmpty(target)
    makeFolder(target)
    try {
      await outputOf(run, ["mount", "--bind", realSource(source), target], "internal")
    } catch (error) {
      tidy(target)
      throw error
    }
  }

  async function unmount(target: string): Promise<void> {
    let found = within(target, mountRoot)
    // Two engines, one of them killed, may have mounted it twice.
    for (let mounts = readMounts(), top = mountAt(mounts, target); top; mounts = readMounts(), top = mountAt(mounts, target)) {
      if (!isOurs(mounts, top)) throw new EngineError("mount_occupied", `What is mounted at ${target} is not the engine's.`)
      found = true
      await detach(target)
    }
    if (found) tidy(target)
  }

  /** A process that is about to be gone still holds what it worked in, but can't be found any more. */
  async function detach(target: string): Promise<void> {
    let refused: EngineError | undefined
    const gone = await until(async () => {
      const { exitCode, stderr } = await run(["umount", target])
      if (exitCode === 0) return true
      const users = stderr.includes("busy") ? await usersOf(target) : undefined
      refused = refusal(target, stderr, users)
      if (users !== "") throw refused
      return false
    }, { deadlineMs: LEAVING_MS, everyMs: 20 })
    if (!gone && refused) throw refused
  }

  function tidy(target: string): void {
    if (target === mountRoot) return
    removeIfEmpty(target)
    removeEmptyFoldersAbove(target, mountRoot)
  }

  function list(): MountPoint[] {
    const mounts = readMounts()
    const points = new Map<string, MountPoint>()
    for (const one of mounts) {
      const { mountPoint } = one
      if (within(mountPoint, poolRoot) || !isOurs(mounts, one)) continue
      points.set(mountPoint, { source: sourceOf(mounts, one), target: mountPoint })
    }
    return [...points.values()]
  }

  return {
    kind: "bind",
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
      await evict(realPath(path), { folders: [mountRoot, poolRoot], mounts: list() })
    },
    list: async () => list(),
  }
}

const isSame = (mount: Mount, place: Place | undefined): boolean =>
  place !== undefined && mount.device === place.device && mount.root === place.root

/** @throws EngineError `dataset_missing` */
export function realSource(source: string): string {
  if (lstatSync(source, { throwIfNoEntry: false })) return realpathSync(source)
  throw new EngineError("dataset_missing", `${source} is not there to be mounted.`)
}

/** @throws EngineError `mount_occupied` unless nothing or an empty directory is there. */
export function checkEmpty(target: string): void {
  const found = lstatSync(target, { throwIfNoEntry: false })
  if (!found) return
  if (!found.isDirectory()) throw new EngineError("mount_occupied", `${target} is not a directory.`, { action: "Move it away, or give another mount path." })
  if (readdirSync(target).length === 0) return
  throw new EngineError("mount_occupied", `${target} is not empty; mounting would hide what is in it.`, {
    action: "Move its content away, or give another mount path.",
  })
}

/** Who keeps a mount busy, as part of a sentence. */
async function usersOf(target: string): Promise<string> {
  const { holders, mountPoints } = await useOf(target)
  const inside = mountPoints.filter((path) => path !== target && within(path, target))
  return [nameHolders(holders), ...inside.map((path) => `a mount at ${path}`)].filter((user) => user !== "").join(", ")
}

/** @param users undefined where they are not the reason */
function refusal(target: string, stderr: string, users: string | undefined): EngineError {
  if (users === undefined) return new EngineError("internal", `umount ${target} failed.`, { output: stderr })
  return new EngineError("mount_busy", `${target} is in use by ${users || "somebody who has just left"}.`)
}
