import { readdir, readFile } from "node:fs/promises"
import { SESSION_MARK } from "@veneer/sdk/contract"
import { DETACHED_MARK, ENGINE_MARK } from "../marks.ts"
import { until } from "../until.ts"

/** How long orphans have to end by themselves. */
const GRACE_MS = 3_000

/** A process as /proc shows it. */
interface Process {
  pid: number
  parent: number
  session: number
  environment: ReadonlyMap<string, string>
}

/**
 * Ends what an engine that died left running: every process that carries its mark, but not what was meant to outlive it
 * (a detached run, or a daemon that a plugin's command started in a session of its own). Used once, at start.
 *
 * @returns the processes it ended
 */
export async function reapOrphans(engineId: string): Promise<number[]> {
  const ended = new Set<number>()
  const kill = (signal: NodeJS.Signals) => async () => {
    const found = await orphans(engineId)
    for (const { pid } of found) {
      ended.add(pid)
      send(pid, signal)
    }
    return found.length === 0
  }
  const gone = await until(kill("SIGTERM"), { deadlineMs: GRACE_MS, everyMs: 20 })
  if (!gone) await until(kill("SIGKILL"), { deadlineMs: GRACE_MS, everyMs: 20 })
  return [...ended]
}

async function orphans(engineId: string): Promise<Process[]> {
  const all = await processes()
  const spared = new Set([process.pid, ...ancestors(all)])
  return all.filter(({ pid, session, environment }) => {
    if (spared.has(pid) || environment.get(ENGINE_MARK) !== engineId || environment.has(DETACHED_MARK)) return false
    const own = environment.get(SESSION_MARK)
    return own === undefined || own === String(session)
  })
}

function ancestors(all: readonly Process[]): number[] {
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]))
  const found: number[] = []
  for (let pid = parents.get(process.pid); pid !== undefined && !found.includes(pid); pid = parents.get(pid)) found.push(pid)
  return found
}

async function processes(): Promise<Process[]> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name))
  const read = await Promise.all(names.map((name) => readProcess(Number(name))))
  return read.filter((found) => found !== undefined)
}

/** Undefined for one that has ended meanwhile, or is not ours to look at. */
async function readProcess(pid: number): Promise<Process | undefined> {
  try {
    const [stat, environ] = await Promise.all([readFile(`/proc/${pid}/stat`, "utf8"), readFile(`/proc/${pid}/environ`, "utf8")])
    // The program's name, in parentheses, may hold anything; state, parent, group and session follow it.
    const [, parent, , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    const pairs = environ.split("\0").map((pair): [string, string] => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)])
    return { pid, parent: Number(parent), session: Number(session), environment: new Map(pairs) }
  } catch {
    return undefined
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended by itself, or belongs to another user.
  }
}
