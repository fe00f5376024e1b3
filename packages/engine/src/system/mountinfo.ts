import { readFileSync } from "node:fs"

/** One line of `/proc/<pid>/mountinfo`. */
export interface Mount {
  /** The file system's device, `major:minor`; bind mounts of one file system share it. */
  device: string
  /** The directory of that file system that is mounted, as a path from the file system's top. */
  root: string
  mountPoint: string
  type: string
  /** What was mounted: a device, a host and path, or a word. */
  source: string
}

/** A directory by the file system it is on and its path from that file system's top. */
export type Place = Pick<Mount, "device" | "root">

/** The mounts a `mountinfo` text names, in the order in which they were made. */
export function parseMountinfo(text: string): Mount[] {
  const mounts: Mount[] = []
  for (const line of text.split("\n")) {
    // Optional fields of any number stand before a lone dash, so both halves are counted from their own start.
    const [before, after] = line.split(" - ", 2)
    const [, , device, root, mountPoint] = before?.split(" ") ?? []
    const [type, source] = after?.split(" ") ?? []
    if (device === undefined || root === undefined || mountPoint === undefined) continue
    if (type === undefined || source === undefined) continue
    mounts.push({ device, root: unescape(root), mountPoint: unescape(mountPoint), type, source: unescape(source) })
  }
  return mounts
}

/** The mounts a process sees; the engine's own if no one is named. */
export const readMounts = (pid: number | "self" = "self"): Mount[] =>
  parseMountinfo(readFileSync(`/proc/${pid}/mountinfo`, "utf8"))

/** The mount on top at exactly this path. */
export const mountAt = (mounts: readonly Mount[], path: string): Mount | undefined =>
  mounts.findLast((mount) => mount.mountPoint === path)

/** Where an absolute path without symbolic links stands on its file system. */
export function placeOf(mounts: readonly Mount[], path: string): Place | undefined {
  let covering: Mount | undefined
  for (const mount of mounts) {
    if (!within(path, mount.mountPoint)) continue
    if (!covering || mount.mountPoint.length >= covering.mountPoint.length) covering = mount
  }
  return covering && { device: covering.device, root: rebase(path, covering.mountPoint, covering.root) }
}

/** The paths at which a place can be reached, those through mounts of more of its file system first. */
export function pathsOf(mounts: readonly Mount[], { device, root }: Place): string[] {
  return mounts
    .filter((mount) => mount.device === device && within(root, mount.root))
    .sort((one, other) => one.root.length - other.root.length)
    .map((mount) => rebase(root, mount.root, mount.mountPoint))
}

/** Whether a path is a directory or stands below it. */
export const within = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(directory.endsWith("/") ? directory : `${directory}/`)

function rebase(path: string, from: string, to: string): string {
  const rest = path.slice(from.length).replace(/^\//, "")
  if (rest === "") return to
  return to.endsWith("/") ? to + rest : `${to}/${rest}`
}

/** The kernel writes space, tab, line feed and backslash as a backslash with three octal digits. */
const unescape = (field: string): string =>
  field.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 8)))
