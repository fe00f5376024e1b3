import { dirname } from "node:path"
import { outputOf, type Run } from "../system/program.ts"
import { DirectoryStorage } from "./directory.ts"

/** Datasets as full copies, on any file system and for any user: what the other drivers are measured by. */
export const openCopyStorage = (root: string, run: Run): DirectoryStorage =>
  new DirectoryStorage({
    driver: "copy",
    root,
    run,
    copy: async (from, to) => {
      await outputOf(run, ["cp", "-a", "--reflink=never", "-T", "--", from, to], "pool_unavailable", { cwd: dirname(to) })
      // Else the name could outlast a crash of the machine that the files it stands for do not.
      await outputOf(run, ["sync", "--file-system", "--", to], "pool_unavailable")
    },
    sharedBytes: async () => 0,
  })
