import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs"
import { setImmediate } from "node:timers/promises"
import type { Holder } from "../share/port.ts"
import { type Mount, parseMountinfo, placeOf, readMounts, within } from "./mountinfo.ts"

/** Who uses a directory: processes that work in it, and places something of it is mounted at or something is mounted in it. */
export interface Use {
  holders: Holder[]
  mountPoints: string[]
}

/** So many processes are looked at before others of the engine's own get their turn. */
const BATCH = 16

/**
 * Finds who uses a directory (absolute, without symbolic links): by working directory, root, program, open file or
 * mapping of any process, and by mounts in every mount namespace, containers' included.
 */
export async function useOf(path: string): Promise<Use> {
  const mounts = readMounts()
  const place = placeOf(mounts, path)
  const mountPoints = new Set<string>()
  const holders: Holder[] = []
  const namespaces = new Set<string>()
  const noteMounts = (seen: readonly Mount[]) => {
    for (const { device, root, mountPoint } of seen) {
      const fromIt = device === place?.device && within(root, place.root)
      if (fromIt || within(mountPoint, path)) mountPoints.add(mountPoint)
    }
  }
  noteMounts(mounts)
  for await (const pid of processes()) {
    if (worksIn(pid, path)) holders.push(describe(pid))
    const namespace = link(`/proc/${pid}/ns/mnt`)
    if (namespace === undefined || namespaces.has(namespace)) continue
    namespaces.add(namespace)
    noteMounts(parseMountinfo(text(`/proc/${pid}/mountinfo`)))
  }
  return { holders, mountPoints: [...mountPoints] }
}

/** The processes that work in a directory (absolute, without symbolic links), for a person who must stop them. */
export async function holdersOf(path: string): Promise<Holder[]> {
  const holders: Holder[] = []
  for await (const pid of processes()) if (worksIn(pid, path)) holders.push(describe(pid))
  return holders
}

/** Holders as part of a sentence: `dbserver (pid 812, user dba), bash (pid 90, user root)`. */
export const nameHolders = (holders: readonly Holder[]): string =>
  holders.map(({ pid, command, user }) => `${command} (pid ${pid}, user ${user})`).join(", ")

async function* processes(): AsyncGenerator<number> {
  const pids = readdirSync("/proc").map(Number).filter(Number.isInteger)
  for (const [index, pid] of pids.entries()) {
    if (index % BATCH === 0) await setImmediate()
    yield pid
  }
}

/** Whether a process uses a directory. Reads text only: a `stat` of somebody's open file could hang on a dead network mount. */
export function worksIn(pid: number, path: string): boolean {
  const inside = (target: string | undefined) => target !== undefined && within(target.replace(/ \(deleted\)$/, ""), path)
  for (const name of ["cwd", "root", "exe"]) if (inside(link(`/proc/${pid}/${name}`))) return true
  for (const descriptor of entries(`/proc/${pid}/fd`)) if (inside(link(`/proc/${pid}/fd/${descriptor}`))) return true
  const maps = text(`/proc/${pid}/maps`)
  if (!maps.includes(path)) return false
  return maps.split("\n").some((line) => inside(/^(?:\S+\s+){5}(\/.*)$/.exec(line)?.[1]))
}

function describe(pid: number): Holder {
  // The short name, not the command line: that may carry a password.
  return { pid, command: text(`/proc/${pid}/comm`).trim() || "?", user: userOf(pid) }
}

function userOf(pid: number): string {
  const uid = statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid
  if (uid === undefined) return "?"
  const entry = text("/etc/passwd").split("\n").find((line) => line.split(":")[2] === String(uid))
  return entry?.split(":")[0] ?? String(uid)
}

// A process may end, or belong to somebody else, between one look and the next: then it has nothing to show.
const attempt = <T>(look: () => T, otherwise: T): T => {
  try {
    return look()
  } catch {
    return otherwise
  }
}
const link = (path: string) => attempt<string | undefined>(() => readlinkSync(path), undefined)
const entries = (path: string) => attempt<string[]>(() => readdirSync(path), [])
const text = (path: string) => attempt(() => readFileSync(path, "utf8"), "")
