import { readdirSync, readFileSync } from "node:fs"
import { SESSION_MARK } from "@veneer/sdk/contract"
import { DETACHED_MARK, ENGINE_MARK } from "../marks.ts"
import { until } from "../until.ts"

/** How long orphans have to end by themselves. */
const GRACE_MS = 3_000

/**
 * Ends what an engine that died left running: every process that carries its mark, but not what was meant to outlive it
 * (a detached run, or a daemon that a plugin's command started in a session of its own). Used once, at start.
 *
 * @returns the processes it ended
 */
export async function reapOrphans(engineId: string): Promise<number[]> {
  const ended = new Set<number>()
  const kill = (signal: NodeJS.Signals) => () => {
    const found = orphans(engineId)
    for (const pid of found) {
      ended.add(pid)
      send(pid, signal)
    }
    return found.length === 0
  }
  const gone = await until(kill("SIGTERM"), { deadlineMs: GRACE_MS, everyMs: 20 })
  if (!gone) await until(kill("SIGKILL"), { deadlineMs: GRACE_MS, everyMs: 20 })
  return [...ended]
}

/** Read at once and not one by one in the background, which takes an engine's start several times as long. */
function orphans(engineId: string): number[] {
  const spared = lineOf(process.pid)
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => !spared.has(pid) && isOrphan(pid, engineId))
}

function isOrphan(pid: number, engineId: string): boolean {
  const environment = environmentOf(pid)
  if (environment.get(ENGINE_MARK) !== engineId || environment.has(DETACHED_MARK)) return false
  const own = environment.get(SESSION_MARK)
  return own === undefined || own === statOf(pid).session
}

/** A process and its ancestors. */
function lineOf(pid: number): Set<number> {
  const line = new Set<number>()
  for (let next = pid; next > 0 && !line.has(next); next = Number(statOf(next).parent)) line.add(next)
  return line
}

function environmentOf(pid: number): ReadonlyMap<string, string> {
  return new Map(read(pid, "environ").split("\0").map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]))
}

/** The program's name, in parentheses, may hold anything; state, parent, group and session follow it. */
function statOf(pid: number): { parent: string; session: string } {
  const stat = read(pid, "stat")
  const [, parent = "", , session = ""] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return { parent, session }
}

/** Empty for a process that has ended meanwhile, or is not ours to look at. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8")
  } catch {
    return ""
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended by itself, or belongs to another user.
  }
}
