import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { afterEach, expect, test } from "vitest"
import { reapOrphans } from "./orphans.ts"

const ENGINE = `test-orphans-${process.pid}`

const started: ChildProcess[] = []

/** A process with marks, as an engine that died might have left it. Resolves with the pid that its first line names. */
async function leave(script: string, env: Record<string, string>): Promise<number> {
  const child = spawn("bash", ["-c", script], { env: { PATH: process.env["PATH"], ...env }, detached: true, stdio: ["ignore", "pipe", "ignore"] })
  started.push(child)
  const [line]: unknown[] = await once(child.stdout, "data")
  return Number(String(line))
}

const isRunning = (child: ChildProcess) => child.exitCode === null && child.signalCode === null

afterEach(() => {
  for (const { pid } of started.splice(0)) {
    try {
      if (pid !== undefined) process.kill(-pid, "SIGKILL")
    } catch {
      // gone already
    }
  }
})

test("what a dead engine left running is ended, also what ignores the request", async () => {
  const pids = [
    await leave("echo $$; exec sleep 100", { VENEER_ENGINE: ENGINE }),
    await leave("trap '' TERM; echo $$; while :; do sleep 0.1; done", { VENEER_ENGINE: ENGINE }),
  ]
  const exits = started.map((child) => once(child, "exit"))
  expect(await reapOrphans(ENGINE)).toEqual(expect.arrayContaining(pids))
  await Promise.all(exits)
})

test("a detached run, another engine's process and this process are spared", async () => {
  await leave("echo $$; exec sleep 100", { VENEER_ENGINE: ENGINE, VENEER_DETACHED: "key" })
  await leave("echo $$; exec sleep 100", { VENEER_ENGINE: `${ENGINE}-other` })
  expect(await reapOrphans(ENGINE)).toEqual([])
  expect(started.every(isRunning)).toBe(true)
})

test("of a plugin's command its children are ended, but not the daemon it put into a session of its own", async () => {
  const script = `declare -x VENEER_SESSION=$$; sleep 100 & setsid bash -c 'echo $$; exec sleep 100' & wait`
  const daemon = await leave(script, { VENEER_ENGINE: ENGINE })
  const ended = await reapOrphans(ENGINE)
  expect(ended).toHaveLength(2)
  expect(ended).not.toContain(daemon)
  expect(process.kill(daemon, "SIGKILL")).toBe(true)
})
