import { existsSync, lstatSync } from "node:fs"
import { mkdir, open, readdir, rename, rm, stat, statfs } from "node:fs/promises"
import { dirname } from "node:path"
import { EngineError } from "../errors.ts"
import { nameHolders, useOf } from "../system/holders.ts"
import { type Mount, mountAt, readMounts } from "../system/mountinfo.ts"
import { type Argv, outputOf, type Run } from "../system/program.ts"
import { type FileSystem, format } from "./format.ts"

/** A file system of the engine's own. */
export interface Volume {
  fileSystem: FileSystem
  mountPoint: string
  /** The sparse file it is in, when no device is given. */
  image: string
  device?: string | undefined
  sizeBytes?: number | undefined
}

const GIBIBYTE = 1024 ** 3
const MEBIBYTE = 1024 ** 2
/** Of the space free where the image is. */
const DEFAULT_SHARE = 0.8

/**
 * Makes the volume's store if it isn't there, attaches and mounts it. Whatever of that is done already is found, not
 * remembered: it works after a kill at any moment, and after the machine has started anew.
 * @throws EngineError `mount_occupied`, `pool_unavailable`, `pool_full`
 */
export async function attachVolume(volume: Volume, run: Run): Promise<void> {
  const { fileSystem, mountPoint, device, image } = volume
  await mkdir(mountPoint, { recursive: true, mode: 0o755 })
  const mounted = mountAt(readMounts(), mountPoint)
  if (mounted) return checkMounted(volume, mounted, run)
  if ((await readdir(mountPoint)).length > 0) {
    throw new EngineError("mount_occupied", `${mountPoint} is not empty; mounting the pool would hide what is in it.`)
  }
  if (device === undefined) await makeImage(volume, run)
  else await formatDevice(device, fileSystem, run)
  const source = device ?? (await attachImage(image, run))
  const options = fileSystem === "btrfs" ? "noatime,subvolid=5" : "noatime"
  await outputOf(run, ["mount", "-t", fileSystem, "-o", options, source, mountPoint], "pool_unavailable")
}

/**
 * Unmounts a volume and detaches its image; what is not mounted or attached is fine.
 * @throws EngineError `mount_busy` naming who uses it; nothing is changed then.
 */
export async function detachVolume({ mountPoint, image }: Pick<Volume, "mountPoint" | "image">, run: Run): Promise<void> {
  if (mountAt(readMounts(), mountPoint)) {
    await checkIdle(mountPoint)
    await outputOf(run, ["umount", mountPoint], "mount_busy")
  }
  for (const loop of await loopsOf(image, run)) await outputOf(run, ["losetup", "--detach", loop], "pool_unavailable")
}

async function checkMounted({ fileSystem, mountPoint, device, image }: Volume, mounted: Mount, run: Run): Promise<void> {
  const ours = device === undefined ? await loopsOf(image, run) : [device]
  const identities = await Promise.all([mounted.source, ...ours].map(deviceNumberOf))
  const [actual, ...expected] = identities
  if (mounted.type === fileSystem && actual !== undefined && expected.includes(actual)) return
  throw new EngineError("mount_occupied", `${mounted.source} (${mounted.type}) is mounted at ${mountPoint}, where the pool belongs.`)
}

const deviceNumberOf = async (path: string): Promise<number | undefined> =>
  existsSync(path) ? (await stat(path)).rdev : undefined

/** A file system in the making has another file name, so an image of this name is whole. */
async function makeImage({ fileSystem, image, sizeBytes }: Volume, run: Run): Promise<void> {
  if (existsSync(image)) return format(image, fileSystem, run)
  const partial = `${image}.partial`
  // A new file, since the orphan of a killed engine may still be writing to the old one.
  await rm(partial, { force: true })
  const file = await open(partial, "wx", 0o600)
  try {
    await file.truncate(sizeBytes ?? (await defaultSizeBytes(dirname(image))))
  } finally {
    await file.close()
  }
  await format(partial, fileSystem, run)
  await rename(partial, image)
}

async function defaultSizeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  const share = Math.floor((bavail * bsize * DEFAULT_SHARE) / MEBIBYTE) * MEBIBYTE
  return Math.max(share, GIBIBYTE)
}

async function formatDevice(device: string, fileSystem: FileSystem, run: Run): Promise<void> {
  const isDevice = existsSync(device) && (await stat(device)).isBlockDevice()
  if (!isDevice) throw new EngineError("pool_unavailable", `${device} is not a block device of this machine.`)
  await format(device, fileSystem, run)
}

/** The loop device of an image; the one it has already, if any. */
async function attachImage(image: string, run: Run): Promise<string> {
  const argv = (...options: string[]): Argv => ["losetup", "--find", "--show", "--nooverlap", ...options, image]
  const direct = await run(argv("--direct-io=on"))
  if (direct.exitCode === 0) return direct.stdout.trim()
  // Not every file system lets its cache be bypassed; without that, everything is cached twice.
  return (await outputOf(run, argv(), "pool_unavailable")).trim()
}

async function loopsOf(image: string, run: Run): Promise<string[]> {
  if (!lstatSync(image, { throwIfNoEntry: false })) return []
  const output = await outputOf(run, ["losetup", "--noheadings", "--output", "NAME", "--associated", image], "pool_unavailable")
  return output.split("\n").map((line) => line.trim()).filter((line) => line !== "")
}

async function checkIdle(mountPoint: string): Promise<void> {
  const { holders, mountPoints } = await useOf(mountPoint)
  // Seen from other mount namespaces, the pool itself has the same path.
  const others = mountPoints.filter((path) => path !== mountPoint)
  if (others.length > 0) throw new EngineError("mount_busy", `Parts of the pool at ${mountPoint} are mounted at ${others.join(", ")}.`)
  if (holders.length > 0) throw new EngineError("mount_busy", `The pool at ${mountPoint} is held by ${nameHolders(holders)}.`)
}
