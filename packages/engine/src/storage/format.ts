import { open } from "node:fs/promises"
import { EngineError } from "../errors.ts"
import { type Argv, outputOf, type Run } from "../system/program.ts"

/** A file system the engine makes on a device or file of its own. */
export type FileSystem = "btrfs" | "xfs"

/** What makes each; both refuse, unless forced, what already holds something they know. */
const MAKE: Record<FileSystem, Argv> = {
  btrfs: ["mkfs.btrfs", "--quiet"],
  // Copies on write by 8 KiB, not 128: what one database page changes.
  xfs: ["mkfs.xfs", "-q", "-m", "reflink=1", "-d", "cowextsize=2"],
}

/**
 * Makes a file system on a block device or file that holds nothing; one of the same kind stays as it is.
 * @throws EngineError `pool_unavailable` when something else is on it: that is never overwritten.
 */
export async function format(store: string, fileSystem: FileSystem, run: Run): Promise<void> {
  const found = await signatureOf(store, run)
  if (found === fileSystem && !(fileSystem === "xfs" && (await isCutOffXfs(store)))) return
  if (found !== undefined && found !== fileSystem) {
    throw new EngineError("pool_unavailable", `${store} holds ${found}, not ${fileSystem}.`, {
      action: `Give another device, or clear this one yourself if nobody needs what is on it: wipefs --all ${store}`,
    })
  }
  const force = found === undefined ? [] : ["-f"]
  await outputOf(run, [...MAKE[fileSystem], ...force, store], "pool_unavailable")
}

/** The kind of file system, partition table or other content, if any. */
async function signatureOf(store: string, run: Run): Promise<string | undefined> {
  // blkid answers "nothing found" also for what it can't read; this doesn't.
  const readable = await open(store)
  await readable.close()
  const { exitCode, stdout, stderr } = await run(["blkid", "--probe", "--output", "export", store])
  if (exitCode === 2 && stderr === "") return undefined
  if (exitCode !== 0) return "more than one kind of content"
  const kind = /^(?:TYPE|PTTYPE)=(.+)$/m.exec(stdout)?.[1]
  return kind ?? "content of an unknown kind"
}

/** Where an XFS says that `mkfs` is still at work on it; one that was killed has left it so. */
const IN_PROGRESS_OFFSET = 126

async function isCutOffXfs(store: string): Promise<boolean> {
  const file = await open(store)
  try {
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(1), position: IN_PROGRESS_OFFSET })
    return bytesRead === 1 && buffer[0] === 1
  } finally {
    await file.close()
  }
}
