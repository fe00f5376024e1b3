import { spawn } from "node:child_process"
import { readFileSync, readdirSync } from "node:fs"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, expect, it } from "vitest"
import type { Child } from "./child.ts"
import { createForkServer, type ForkServer } from "./fork-server.ts"

const ENV = { PATH: process.env["PATH"] ?? "" }

let forks: ForkServer
beforeAll(() => {
  forks = createForkServer()
})
afterAll(() => forks.close())

const bash = (script: string, options: { stdin?: string; cwd?: string; session?: boolean; env?: Record<string, string> } = {}): Child =>
  forks.start({ argv: ["bash", "-c", script], env: ENV, ...options })

/** Process ids of a process's children. */
const childrenOf = (pid: number): number[] =>
  readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((child) => statOf(child)?.parent === pid)

function statOf(pid: number): { parent: number; session: number; state: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    const [state = "", parent, , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return { state, parent: Number(parent), session: Number(session) }
  } catch {
    return undefined
  }
}

const runs = (pid: number): boolean => !"ZX".includes(statOf(pid)?.state ?? "X")

/** The server's own process: the one child of this process that runs its program. */
const serverPid = (): number => childrenOf(process.pid).find((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("fork-server")) ?? 0

it("hands a program its input, its directory and its environment, and nothing of ours", async () => {
  const child = forks.start({ argv: ["sh", "-c", "cat; pwd; env"], env: { PATH: "/usr/bin:/bin", NAME: "it's 'quoted'" }, cwd: "/usr", stdin: "in\n" })
  expect((await text(child.stdout)).split("\n").sort()).toEqual(["", "/usr", "NAME=it's 'quoted'", "PATH=/usr/bin:/bin", "PWD=/usr", "in"])
})

it("tells how a program ended, and what it said last", async () => {
  const child = bash("echo out; echo err >&2; exit 7")
  expect(await Promise.all([text(child.stdout), text(child.stderr), child.exited])).toEqual(["out\n", "err\n", 7])
  expect(await bash("kill -9 $$").exited).toBeUndefined()
})

it("says why a program could not be started", async () => {
  const child = forks.start({ argv: ["/no/such/program"], env: ENV })
  await expect(child.exited).rejects.toMatchObject({ code: "ENOENT" })
  expect(await child.started).toBeUndefined()
})

it("gives a program a session of its own where it is asked to", async () => {
  const child = bash("read -r; true", { session: true, stdin: "" })
  const pid = (await child.started) ?? 0
  expect(statOf(pid)?.session ?? pid).toBe(pid)
  await child.exited
})

it("loses nothing of what a program floods it with", async () => {
  const child = bash("head -c 30000000 /dev/zero; head -c 3000000 /dev/zero >&2")
  let [bytes, errorBytes] = [0, 0]
  child.stdout.on("data", (chunk: Buffer) => (bytes += chunk.length))
  child.stderr.on("data", (chunk: Buffer) => (errorBytes += chunk.length))
  await child.exited
  await expect.poll(() => [bytes, errorBytes]).toEqual([30_000_000, 3_000_000])
})

it("stops reading what is given up, though something the program left behind goes on writing", async () => {
  const child = bash("(while sleep 0.01; do echo on || exit; done) & echo $!")
  const [first] = (await child.stdout.take(1).toArray()) as [Buffer]
  expect(await child.exited).toBe(0)
  child.stdout.destroy()
  child.stderr.destroy()
  await expect.poll(() => runs(Number(first.toString()))).toBe(false)
})

it("is started again when it was killed; programs under way fail and are ended", async () => {
  const child = bash("sleep 1000", { session: true })
  const pid = (await child.started) ?? 0
  process.kill(serverPid(), "SIGKILL")
  await expect(child.exited).rejects.toThrow("has ended")
  await expect.poll(() => runs(pid)).toBe(false)
  expect(await bash("exit 3").exited).toBe(3)
})

it("ends when the process it serves was killed", async () => {
  const module = new URL("./fork-server.ts", import.meta.url).href
  const program = `import { createForkServer } from ${JSON.stringify(module)}; const forks = createForkServer(); forks.start({ argv: ["true"], env: {} }).exited.catch(() => {}).finally(() => console.log("up")); setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] })
  await new Promise((resolve) => parent.stdout.once("data", resolve))
  const [server = 0] = childrenOf(parent.pid ?? 0).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("fork-server"))
  expect(runs(server)).toBe(true)
  parent.kill("SIGKILL")
  await expect.poll(() => runs(server)).toBe(false)
})
