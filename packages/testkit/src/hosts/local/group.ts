import { readdirSync, readFileSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"

const GRACE_MS = 5_000
const LOOK_MS = 10

/** Sends a signal to every process of a group; false when none is left. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal)
  } catch (error) {
    // EPERM: the group is there, but belongs to another user
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}

/** Whether a process of the group still runs. One that is dead but not yet reaped by its parent doesn't. */
function runs(group: number): boolean {
  if (!signalGroup(group, 0)) return false
  return readdirSync("/proc").some((name) => /^\d+$/.test(name) && isAliveIn(group, name))
}

function isAliveIn(group: number, pid: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    // The program's name, in parentheses, may hold anything; state, parent and group follow it.
    const [state = "X", , own] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return Number(own) === group && !"ZX".includes(state)
  } catch {
    return false
  }
}

async function gone(group: number): Promise<boolean> {
  for (const end = performance.now() + GRACE_MS; runs(group); await delay(LOOK_MS)) if (performance.now() > end) return false
  return true
}

/** Ends a whole process group: asks first, and kills what is left after the grace. Returns when none of it runs. */
export async function endGroup(group: number): Promise<void> {
  if (!signalGroup(group, "SIGTERM") || (await gone(group))) return
  signalGroup(group, "SIGKILL")
  await gone(group)
}
