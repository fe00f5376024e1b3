import { constants } from "node:fs"
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { outputOf, type Run } from "../system/program.ts"
import { DirectoryStorage } from "./directory.ts"

/** Datasets as directories whose files share blocks until written to: XFS with reflinks, or another such file system. */
export const openReflinkStorage = (root: string, run: Run): DirectoryStorage =>
  new DirectoryStorage({
    driver: "reflink",
    root,
    run,
    copy: async (from, to) => {
      await outputOf(run, ["cp", "-a", "--reflink=always", "-T", "--", from, to], "pool_unavailable", { cwd: dirname(to) })
    },
    sharedBytes: (path) => sharedBytes(path, run),
  })

/** Whether files in a directory can share blocks, found out by trying. */
export async function canReflink(directory: string): Promise<boolean> {
  const scratch = await mkdtemp(join(directory, ".reflink-"))
  try {
    await writeFile(join(scratch, "one"), "x")
    await copyFile(join(scratch, "one"), join(scratch, "other"), constants.COPYFILE_FICLONE_FORCE)
    return true
  } catch {
    return false
  } finally {
    await rm(scratch, { recursive: true })
  }
}

/** An extent as `filefrag -v` prints it: index, logical range, physical range, length in KiB, expected place, flags. */
const SHARED_EXTENT = /^\s*\d+:\s+\d+\.\.\s*\d+:\s+\d+\.\.\s*\d+:\s+(\d+):.*\bshared\b/

async function sharedBytes(path: string, run: Run): Promise<number> {
  let kibibytes = 0
  const onLine = (line: string) => {
    kibibytes += Number(SHARED_EXTENT.exec(line)?.[1] ?? 0)
  }
  const extents = ["find", path, "-type", "f", "-size", "+0", "-exec", "filefrag", "-v", "-k", "{}", "+"] as const
  await outputOf(run, extents, "pool_unavailable", { onLine })
  return kibibytes * 1024
}
