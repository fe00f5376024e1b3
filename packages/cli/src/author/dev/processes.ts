import { readdirSync, readFileSync, readlinkSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"

/** A process by its number and when it started: a number may come to be another's. */
export interface ProcessMark {
  pid: number
  /** In clock ticks since the machine started (proc(5)). */
  startedAt: string
}

export const processMark = (pid: number): ProcessMark => ({ pid, startedAt: statOf(pid).startedAt })

/** Whether the very process still runs. */
export const isAlive = ({ pid, startedAt }: ProcessMark): boolean => startedAt !== "" && statOf(pid).startedAt === startedAt

/** Asks a process to end, kills it when it has not after `patienceMs`, and waits until it is gone. */
export async function end(mark: ProcessMark, patienceMs: number): Promise<void> {
  if (isAlive(mark)) send(mark.pid, "SIGTERM")
  if (await until(() => !isAlive(mark), patienceMs)) return
  send(mark.pid, "SIGKILL")
  await until(() => !isAlive(mark), patienceMs)
}

/**
 * Processes without a terminal that work below a folder: in a directory of it, or with a file of it open. Whoever looks
 * around there in a shell is left alone.
 */
export function workingBelow(folder: string): ProcessMark[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => pid !== process.pid)
  return pids.filter((pid) => !statOf(pid).hasTerminal && linksOf(pid).some((link) => link === folder || link.startsWith(`${folder}/`))).map(processMark)
}

/** The working directory and open files of a process, as far as we may see them. */
function linksOf(pid: number): string[] {
  try {
    const files = readdirSync(`/proc/${pid}/fd`).map((name) => `fd/${name}`)
    return ["cwd", ...files].flatMap((name) => {
      try {
        return [readlinkSync(`/proc/${pid}/${name}`)]
      } catch {
        return []
      }
    })
  } catch {
    return []
  }
}

/** The program's name, in parentheses, may hold anything; the fields after it are counted from there. */
function statOf(pid: number): { startedAt: string; hasTerminal: boolean } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    // A process that has ended but is not yet waited for is gone.
    return { startedAt: fields[0] === "Z" ? "" : (fields[19] ?? ""), hasTerminal: fields[4] !== "0" }
  } catch {
    return { startedAt: "", hasTerminal: false }
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended by itself.
  }
}

async function until(condition: () => boolean, deadlineMs: number): Promise<boolean> {
  const deadline = Date.now() + deadlineMs
  while (!condition()) {
    if (Date.now() > deadline) return false
    await delay(20)
  }
  return true
}
