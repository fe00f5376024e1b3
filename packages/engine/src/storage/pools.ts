import { existsSync, mkdirSync, realpathSync } from "node:fs"
import { join } from "node:path"
import { EngineError } from "../errors.ts"
import { type Run, runProgram } from "../system/program.ts"
import { Turns } from "../turns.ts"
import { BtrfsStorage } from "./btrfs.ts"
import { openCopyStorage } from "./copy.ts"
import type { FileSystem } from "./format.ts"
import { attachVolume, detachVolume } from "./loop.ts"
import { checkPoolName } from "./names.ts"
import type { Offer, Pools, PoolSettings, Storage } from "./port.ts"
import { canReflink, openReflinkStorage } from "./reflink.ts"
import { type Lack, lackForVolume, lackOfProgram } from "./requirements.ts"

export interface PoolsOptions {
  /** The engine's data directory; pools are below `pools/` in it. */
  dataDir: string
  /** How programs are run; left out, as child processes. */
  run?: Run
}

/** What one driver needs, and how its pool is opened; they are offered in this order. */
interface Driver {
  lack: () => Promise<Lack | undefined>
  open: (name: string, settings: PoolSettings) => Promise<Storage>
}

/**
 * The pools of the engine's machine.
 *
 * @example
 * const pools = createPools({ dataDir: "/var/lib/veneer" })
 * const storage = await pools.open("main", { driver: "btrfs", sizeBytes: 100 * 1024 ** 3 })
 */
export function createPools({ dataDir, run = runProgram }: PoolsOptions): Pools {
  const opened = new Map<string, { settings: PoolSettings; storage: Storage }>()
  const turns = new Turns()
  mkdirSync(join(dataDir, "pools"), { recursive: true, mode: 0o755 })
  const folder = join(realpathSync(dataDir), "pools")
  const mountPointOf = (name: string) => join(folder, name)
  const imageOf = (name: string) => join(folder, `${name}.img`)

  async function openVolume(name: string, fileSystem: FileSystem, { device, sizeBytes }: PoolSettings): Promise<string> {
    const mountPoint = mountPointOf(name)
    await attachVolume({ fileSystem, mountPoint, image: imageOf(name), device, sizeBytes }, run)
    return mountPoint
  }

  function openFolder(name: string): string {
    if (existsSync(imageOf(name))) throw new EngineError("wrong_state", `Pool ${name} has an image, ${imageOf(name)}, made for another driver.`)
    mkdirSync(mountPointOf(name), { recursive: true, mode: 0o755 })
    return mountPointOf(name)
  }

  /** A plain folder will do unless a device, a size or an earlier image asks for a file system of the pool's own. */
  const needsVolume = async (name: string, { device, sizeBytes }: PoolSettings) =>
    device !== undefined || sizeBytes !== undefined || existsSync(imageOf(name)) || !(await canReflink(folder))

  const drivers: Record<string, Driver> = {
    btrfs: {
      lack: async () => lackForVolume("btrfs", ["btrfs"]),
      open: async (name, settings) => {
        refuse("btrfs", lackForVolume("btrfs", ["btrfs"]))
        return new BtrfsStorage({ root: await openVolume(name, "btrfs", settings), run })
      },
    },
    reflink: {
      lack: async () => {
        const programs = lackOfProgram(["cp", "filefrag"])
        if (programs || (await canReflink(folder))) return programs
        const lack = lackForVolume("xfs", [])
        return lack && { ...lack, reason: `files in ${dataDir} can't share blocks, and an XFS image ${lack.reason}` }
      },
      open: async (name, settings) => {
        const volume = await needsVolume(name, settings)
        refuse("reflink", lackOfProgram(["cp", "filefrag"]) ?? (volume ? lackForVolume("xfs", []) : undefined))
        return openReflinkStorage(volume ? await openVolume(name, "xfs", settings) : openFolder(name), run)
      },
    },
    copy: {
      lack: async () => lackOfProgram(["cp"]),
      open: async (name, { device, sizeBytes }) => {
        refuse("copy", lackOfProgram(["cp"]))
        if (device === undefined && sizeBytes === undefined) return openCopyStorage(openFolder(name), run)
        throw new EngineError("invalid_request", "The copy driver keeps its pool in the data directory and takes neither device nor size.")
      },
    },
  }

  async function open(name: string, settings: PoolSettings): Promise<Storage> {
    const before = opened.get(name)
    if (before && before.settings.driver !== settings.driver) {
      throw new EngineError("wrong_state", `Pool ${name} is open with driver ${before.settings.driver}, not ${settings.driver}.`)
    }
    const driver = drivers[settings.driver]
    if (!driver) throw new EngineError("driver_unavailable", `There is no driver ${JSON.stringify(settings.driver)}.`)
    const storage = await driver.open(name, settings)
    // The one handed out earlier knows what is being worked on, unless the pool was detached behind its back.
    const current = before && (await isAttached(before.storage)) ? before.storage : storage
    opened.set(name, { settings, storage: current })
    return current
  }

  return {
    async probe(): Promise<Offer[]> {
      return Promise.all(
        Object.entries(drivers).map(async ([driver, { lack }]) => {
          const reason = (await lack())?.reason
          return reason === undefined ? { driver } : { driver, lacks: reason }
        }),
      )
    },
    async open(name, settings) {
      checkPoolName(name)
      return turns.take(name, () => open(name, settings))
    },
    get(name) {
      const storage = opened.get(name)?.storage
      if (!storage) throw new EngineError("pool_unavailable", `Pool ${JSON.stringify(name)} is not open.`)
      return storage
    },
    async close(name) {
      checkPoolName(name)
      await turns.take(name, async () => {
        await detachVolume({ mountPoint: mountPointOf(name), image: imageOf(name) }, run)
        opened.delete(name)
      })
    },
  }
}

const isAttached = (storage: Storage): Promise<boolean> => storage.capacity().then(() => true, () => false)

/** @throws EngineError with the lack's code, if there is one. */
function refuse(driver: string, lack: Lack | undefined): void {
  if (lack) throw new EngineError(lack.code, `Driver ${driver} can't be used here: ${lack.reason}.`)
}
