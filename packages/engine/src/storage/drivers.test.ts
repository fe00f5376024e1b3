import { mkdtemp, realpath, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type StorageFixture, storageSuite } from "@veneer/testkit/storage"
import { execa } from "execa"
import { type Run, runProgram } from "../system/program.ts"
import { createPools } from "./pools.ts"
import type { PoolSettings } from "./port.ts"

const MEBIBYTE = 1024 ** 2
const isRoot = process.geteuid?.() === 0

interface Scratch {
  dataDir: string
  remove: () => Promise<void>
}

async function scratch({ tmpfs }: { tmpfs?: boolean } = {}): Promise<Scratch> {
  const dataDir = await realpath(await mkdtemp(join(tmpdir(), "veneer-storage-")))
  if (tmpfs) await execa("mount", ["-t", "tmpfs", "-o", "size=48m", "tmpfs", dataDir])
  return {
    dataDir,
    async remove() {
      if (tmpfs) await execa("umount", [dataDir])
      await rm(dataDir, { recursive: true })
    },
  }
}

async function openFixture(settings: PoolSettings, { dataDir, remove }: Scratch): Promise<StorageFixture> {
  const pools = createPools({ dataDir })
  return {
    storage: await pools.open("main", settings),
    sharesBlocks: settings.driver !== "copy",
    fillable: isRoot,
    async cutOff(moment, act) {
      let fuse: (() => void) | undefined
      const died = new Promise<void>((resolve) => {
        fuse = resolve
      })
      let armed = false
      const run: Run = async (argv, options) => {
        if (!armed) return runProgram(argv, options)
        if (moment === "after") await runProgram(argv, options)
        if (moment === "during") await killed(argv)
        fuse?.()
        // Nobody is there any more to hear of it.
        return new Promise(() => {})
      }
      const dying = await createPools({ dataDir, run }).open("main", settings)
      armed = true
      await Promise.race([died, act(dying)])
      return createPools({ dataDir }).open("main", settings)
    },
    async close() {
      await pools.close("main")
      await remove()
    },
  }
}

async function killed([file, ...args]: readonly [string, ...string[]]): Promise<void> {
  const child = execa(file, args, { reject: false })
  child.kill("SIGKILL")
  await child
}

const needsRoot = isRoot ? {} : { skip: "needs root" }

storageSuite("btrfs on a loop file", async () => openFixture({ driver: "btrfs", sizeBytes: 256 * MEBIBYTE }, await scratch()), needsRoot)
storageSuite("reflink on an XFS loop file", async () => openFixture({ driver: "reflink", sizeBytes: 512 * MEBIBYTE }, await scratch()), needsRoot)
storageSuite("copy", async () => openFixture({ driver: "copy" }, await scratch({ tmpfs: isRoot })))

