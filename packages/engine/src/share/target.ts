import { chmodSync, existsSync, mkdirSync, realpathSync } from "node:fs"
import { basename, dirname, isAbsolute, join, normalize } from "node:path"
import { EngineError } from "../errors.ts"
import { removeIfEmpty } from "../system/files.ts"
import { within } from "../system/mountinfo.ts"

/** Nothing may be mounted at these or anywhere below. */
const SYSTEM = ["/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/sbin", "/sys", "/usr"]
/** Below these, but not at them, there is room. */
const SHARED = ["/", "/home", "/media", "/mnt", "/opt", "/root", "/run", "/srv", "/tmp", "/usr/local", "/var"]
const SHARED_BELOW_VAR = ["/var/cache", "/var/lib", "/var/log", "/var/run", "/var/spool", "/var/tmp"]

/** Bytes of a path and of a name in it, as Linux takes them. */
const LONGEST_PATH = 4095
const LONGEST_NAME = 255

/**
 * A mount target as the kernel names it: absolute, the symbolic links above it resolved.
 * @throws EngineError `mount_unsafe`
 */
export function targetOf(path: string, { poolRoot }: { poolRoot: string }): string {
  const plain = path.replace(/(.)\/$/, "$1")
  if (!isAbsolute(plain) || plain.includes("\0") || normalize(plain) !== plain) {
    throw new EngineError("mount_unsafe", `${JSON.stringify(path)} is not an absolute path without "." and "..".`)
  }
  if (Buffer.byteLength(plain) > LONGEST_PATH || plain.split("/").some((part) => Buffer.byteLength(part) > LONGEST_NAME)) {
    throw new EngineError("mount_unsafe", `${plain.slice(0, LONGEST_NAME)}… is too long for a path.`)
  }
  // What the path says and what it leads to: either may be a system directory.
  const target = resolve(plain)
  checkSafe(plain)
  checkSafe(target)
  if (within(target, poolRoot)) throw new EngineError("mount_unsafe", `${target} is inside the engine's pools.`)
  return target
}

/** A path without symbolic links, where there is something; else as it is. */
export const realPath = (path: string): string => (existsSync(path) ? realpathSync(path) : path)

/** Makes a directory and those above it that are not there, passable for every OS user whatever the engine's umask. */
export function makeFolder(path: string): void {
  const first = mkdirSync(path, { recursive: true, mode: 0o755 })
  if (first === undefined) return
  for (let made = path; within(made, first); made = dirname(made)) chmodSync(made, 0o755)
}

/** Removes the empty folders between the mount root and a target. */
export function removeEmptyFoldersAbove(target: string, mountRoot: string): void {
  for (let folder = dirname(target); folder !== mountRoot && within(folder, mountRoot); folder = dirname(folder)) {
    if (!removeIfEmpty(folder)) return
  }
}

function checkSafe(path: string): void {
  const system = SYSTEM.find((directory) => within(path, directory))
  const unsafe =
    [...SHARED, ...SHARED_BELOW_VAR].includes(path) || (system !== undefined && !path.startsWith("/usr/local/"))
  if (unsafe) throw new EngineError("mount_unsafe", `${path} is a system directory.`)
}

/** Resolves what is there of a path; the last part stays itself, even if it is a symbolic link. */
function resolve(path: string): string {
  const parent = dirname(path)
  const above = existsSync(parent) ? realpathSync(parent) : resolve(parent)
  return join(above, basename(path))
}
