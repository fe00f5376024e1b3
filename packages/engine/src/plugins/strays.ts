import { readdirSync, readFileSync } from "node:fs"

/** Something that forks as fast as it can is caught by looking again. */
const ROUNDS = 20

/**
 * Ends all processes of an OS user. At once and not in the background, so that none of them can be one that the engine
 * started meanwhile.
 */
export function endProcessesOf(uid: number): void {
  for (let round = 0; round < ROUNDS; round++) {
    const found = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => runsAs(pid, uid))
    for (const pid of found) strike(pid)
    if (found.length === 0) return
  }
}

function runsAs(pid: number, uid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8")
    return !/^State:\s+[ZX]/m.test(status) && /^Uid:\s+(\d+)/m.exec(status)?.[1] === String(uid)
  } catch {
    return false
  }
}

function strike(pid: number): void {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It ended by itself.
  }
}
