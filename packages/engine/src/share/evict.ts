import { EngineError } from "../errors.ts"
import { systemCode } from "../system/files.ts"
import { holdersOf, nameHolders, worksIn } from "../system/holders.ts"
import { within } from "../system/mountinfo.ts"
import { until } from "../until.ts"
import type { Holder, MountPoint } from "./port.ts"

/** A killed process is gone at once, unless the kernel waits for a disk on its behalf. */
const DEADLINE_MS = 10_000

/** Where processes may be killed: below folders of the engine's, and at and below its mounts. */
export interface Domain {
  folders: readonly string[]
  mounts: readonly MountPoint[]
}

/**
 * Kills the processes that work in a directory, and those they have started meanwhile, until there are none.
 * @throws EngineError `mount_unsafe` outside the domain, `mount_busy` when some don't go, `not_permitted` when the
 *   engine may not kill them
 */
export async function evict(path: string, { folders, mounts }: Domain): Promise<void> {
  const isOurs = folders.some((folder) => path !== folder && within(path, folder)) || mounts.some(({ target }) => within(path, target))
  if (!isOurs) throw new EngineError("mount_unsafe", `${path} is not the engine's; no process in it is killed.`)
  let holders: Holder[] = []
  const gone = await until(async () => {
    holders = (await holdersOf(path)).filter(({ pid }) => pid !== process.pid)
    for (const { pid } of holders) kill(pid, path)
    return holders.length === 0
  }, { deadlineMs: DEADLINE_MS, everyMs: 20 })
  if (!gone) throw new EngineError("mount_busy", `${path} is held by ${nameHolders(holders)}, and killing did not help.`)
}

function kill(pid: number, path: string): void {
  // The number may be another process's by now.
  if (!worksIn(pid, path)) return
  try {
    process.kill(pid, "SIGKILL")
  } catch (error) {
    if (systemCode(error) === "ESRCH") return
    throw new EngineError("not_permitted", `Process ${pid}, which works in ${path}, can't be killed.`, { cause: error })
  }
}
