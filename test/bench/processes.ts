import { readdir, readFile, readlink } from "node:fs/promises"
import { execa } from "execa"

/** Processes that work below a directory. PostgreSQL's all work in their data directory. */
export async function processesIn(directory: string): Promise<number[]> {
  const found = await Promise.all((await allPids()).map(async (pid) => ({ pid, cwd: await readlink(`/proc/${pid}/cwd`).catch(() => "") })))
  return found.filter(({ cwd }) => cwd.startsWith(`${directory}/`)).map(({ pid }) => pid)
}

/** A process with all that descend from it. */
export async function familyOf(root: number): Promise<number[]> {
  const parents = await Promise.all((await allPids()).map(async (pid) => ({ pid, parent: (await statOf(pid))?.parent })))
  const family = [root]
  for (const member of family) family.push(...parents.filter(({ parent }) => parent === member).map(({ pid }) => pid))
  return family
}

/** Proportional set size of processes together, in bytes: what they share among them counts once. */
export async function memoryOf(pids: readonly number[]): Promise<number> {
  const sizes = await Promise.all(pids.map(async (pid) => kilobytes(await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => ""), "Pss")))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Resident set size of one process, in bytes. */
export async function residentOf(pid: number): Promise<number> {
  return kilobytes(await readFile(`/proc/${pid}/status`, "utf8"), "VmRSS")
}

/** Processor time that processes, and those of their children that have ended, have used so far, in milliseconds. */
export async function cpuOf(pids: readonly number[]): Promise<number> {
  const { stdout: ticks } = await execa("getconf", ["CLK_TCK"])
  const used = await Promise.all(pids.map(async (pid) => (await statOf(pid))?.ticks ?? 0))
  return (used.reduce((sum, one) => sum + one, 0) * 1000) / Number(ticks)
}

/** The child of this very process that runs an engine. */
export async function enginePid(): Promise<number> {
  for (const pid of (await familyOf(process.pid)).slice(1)) {
    if ((await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).includes("support/engine.mjs")) return pid
  }
  throw new Error("No engine runs.")
}

/** Ends every process but this one that works in a directory or has a file of it open. */
export async function endUsersOf(directory: string): Promise<void> {
  const inside = (path: string) => path.startsWith(`${directory}/`)
  for (const pid of await allPids()) {
    if (pid === process.pid) continue
    const files = await readdir(`/proc/${pid}/fd`).catch(() => [])
    const links = await Promise.all(["cwd", ...files.map((file) => `fd/${file}`)].map(async (name) => readlink(`/proc/${pid}/${name}`).catch(() => "")))
    if (links.some(inside)) await end(pid)
  }
}

async function end(pid: number): Promise<void> {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It has ended by itself.
  }
  await execa("timeout", ["30", "tail", `--pid=${pid}`, "-f", "/dev/null"], { reject: false })
}

const allPids = async (): Promise<number[]> => (await readdir("/proc")).map(Number).filter(Number.isInteger)

/** Of proc(5): after the program's name in parentheses come state and parent; fields 14 to 17 are its own time and its ended children's. */
async function statOf(pid: number): Promise<{ parent: number; ticks: number } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ").map(Number)
  const parent = fields[1]
  return parent === undefined ? undefined : { parent, ticks: fields.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0) }
}

const kilobytes = (text: string, name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) * 1024
