import { readdirSync, readFileSync } from "node:fs"
import { until } from "../until.ts"

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

/**
 * Ends a whole process group: asks first, and kills what is left after the grace. Returns when none of it runs.
 * @param group a number known to be a process group's, such as the pid of a child started in its own session
 */
export async function endGroup(group: number, { graceMs = 5_000 }: { graceMs?: number } = {}): Promise<void> {
  const gone = () => !runs(group)
  if (!signalGroup(group, "SIGTERM")) return
  if (await until(gone, { deadlineMs: graceMs, everyMs: 10 })) return
  signalGroup(group, "SIGKILL")
  await until(gone, { deadlineMs: graceMs, everyMs: 10 })
}
