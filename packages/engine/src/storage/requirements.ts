import { existsSync, readFileSync } from "node:fs"
import { release } from "node:os"
import type { Code } from "../errors.ts"
import { hasProgram } from "../system/program.ts"
import type { FileSystem } from "./format.ts"

/** Why something can't be done on this machine. */
export interface Lack {
  code: Code
  /** As part of a sentence: `needs root`. */
  reason: string
}

/** The package that has a program, by its name in Debian and Red Hat. */
const PACKAGES: Record<string, string> = {
  btrfs: "btrfs-progs",
  "mkfs.btrfs": "btrfs-progs",
  "mkfs.xfs": "xfsprogs",
  blkid: "util-linux",
  losetup: "util-linux",
  mount: "util-linux",
  umount: "util-linux",
  filefrag: "e2fsprogs",
  cp: "coreutils",
}

const VOLUME_PROGRAMS = ["blkid", "losetup", "mount", "umount"]

/** What this machine lacks for a file system of the engine's own, if anything. */
export function lackForVolume(fileSystem: FileSystem, programs: readonly string[]): Lack | undefined {
  return lackOfRoot() ?? lackOfProgram([`mkfs.${fileSystem}`, ...programs, ...VOLUME_PROGRAMS]) ?? lackOfKernel(fileSystem)
}

export function lackOfProgram(programs: readonly string[]): Lack | undefined {
  const missing = programs.find((program) => !hasProgram(program))
  if (missing === undefined) return undefined
  return { code: "program_missing", reason: `${missing} not found: install ${PACKAGES[missing] ?? missing}` }
}

/** The bit of CAP_SYS_ADMIN, without which root in a container may mount nothing. */
const SYS_ADMIN = 1n << 21n

function lackOfRoot(): Lack | undefined {
  if (process.geteuid?.() !== 0) return { code: "not_permitted", reason: "needs root" }
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]
  if (effective === undefined || (BigInt(`0x${effective}`) & SYS_ADMIN) !== 0n) return undefined
  return { code: "not_permitted", reason: "needs the right to mount: run the container privileged" }
}

function lackOfKernel(fileSystem: FileSystem): Lack | undefined {
  const loaded = readFileSync("/proc/filesystems", "utf8").split(/\s+/).includes(fileSystem)
  if (loaded || isModule(fileSystem)) return undefined
  return { code: "driver_unavailable", reason: `the kernel has no ${fileSystem}` }
}

/** A module is loaded when something is mounted that needs it. */
function isModule(fileSystem: FileSystem): boolean {
  const index = `/lib/modules/${release()}/modules.dep`
  return existsSync(index) && readFileSync(index, "utf8").includes(`/${fileSystem}.ko`)
}
