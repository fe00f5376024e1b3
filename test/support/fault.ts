import { readdir, readFile } from "node:fs/promises"
import { existsSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import type { Client, Job } from "@veneer/engine/client"
import { execa } from "execa"
import { expect } from "vitest"
import { finished, type EngineHome } from "./engine.ts"
import { ENVIRONMENT } from "./estate.ts"
import { asOwner, BIN, type Server } from "./server.ts"

/** How a job went wrong, as a person is told. */
export interface Failure {
  code: string
  message: string
  action: string
  output?: string
}

/** Follows a job to its bad end. One that ends well, or doesn't say what to do, is an error. */
export async function failed(client: Client, job: Pick<Job, "id">, state: "failed" | "cancelled" = "failed"): Promise<Failure> {
  const { state: end, problem } = await finished(client, job)
  expect({ end, problem }).toMatchObject({ end: state })
  return explained(problem)
}

/** A request's refusal: never the engine's own fault, always with a way out. */
export async function refused(asked: Promise<unknown>): Promise<Failure & { status: number }> {
  const thrown = await asked.then(() => undefined, (error: unknown) => error)
  expect(thrown).toBeInstanceOf(Error)
  const refusal = explained(thrown)
  const status = typeof thrown === "object" && thrown !== null && "status" in thrown ? Number(thrown.status) : 0
  expect(status, JSON.stringify(refusal)).toBeGreaterThanOrEqual(400)
  expect(status, JSON.stringify(refusal)).toBeLessThan(500)
  return { ...refusal, status }
}

function explained(problem: unknown): Failure {
  expect(problem).toMatchObject({ code: expect.stringMatching(/^[a-z_]+$/), message: expect.stringMatching(/\S/), action: expect.stringMatching(/\S/) })
  // The expectation above says so.
  const { code, message, action, output } = problem as Failure
  expect(code, message).not.toBe("internal")
  return { code, message, action, ...(output !== undefined && { output }) }
}

/** Everything an engine holds on this machine and on a source, to be compared with the same at another time. */
export async function inventory(client: Client, home: EngineHome, server: Server) {
  const [pools, ports, vdbs, dsources] = await Promise.all([
    client.listPools(), client.listEnvironmentPorts({ params: { id: ENVIRONMENT } }), client.listVdbs({ query: { limit: 100 } }), client.listDsources({ query: { limit: 100 } }),
  ])
  const datasets = await Promise.all(pools.items.map(async ({ name }) => (await execa("btrfs", ["subvolume", "list", join(home.dataDir, "pools", name)])).stdout.split("\n").map((line) => line.replace(/^.* path /, `${name}/`))))
  return {
    datasets: datasets.flat().filter((name) => name !== "").sort(),
    mounts: (await mounts()).filter((path) => path.startsWith(dirname(home.dataDir))).sort(),
    slots: (await server.query<{ slot_name: string }>("select slot_name from pg_replication_slots order by 1")).map(({ slot_name }) => slot_name),
    ports: ports.items.map(({ port }) => port).sort(),
    vdbs: vdbs.items.map(({ name, state, generation }) => `${name} ${state} ${generation}`).sort(),
    dsources: dsources.items.map(({ name, state }) => `${name} ${state}`).sort(),
    runs: (await readdir(join(home.dataDir, "runs")).catch(() => [])).sort(),
    privateDirectories: [...vdbs.items, ...dsources.items].filter(({ id }) => existsSync(`/tmp/veneer-${id}`)).map(({ name }) => name).sort(),
  }
}

const mounts = async () => (await readFile("/proc/self/mountinfo", "utf8")).split("\n").map((line) => line.split(" ")[4] ?? "")

/** A process by its number and command line. */
export interface Process {
  pid: number
  argv: string[]
}

/** Processes of a program that have an argument beginning with `argument`, parents first. */
export async function processesOf(program: string, argument: string): Promise<Process[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number).sort((a, b) => a - b)
  const all = await Promise.all(pids.map(async (pid) => ({ pid, argv: (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0") })))
  return all.filter(({ argv }) => basename(argv[0] ?? "") === program && argv.some((part) => part.startsWith(argument)))
}

/** Waits until a program with such an argument runs. */
export async function processOf(program: string, argument: string): Promise<Process> {
  let found: Process | undefined
  await expect.poll(async () => ([found] = await processesOf(program, argument)), { timeout: 60_000, interval: 20 }).not.toEqual([])
  if (!found) throw new Error(`${program} does not run`)
  return found
}

/** Starts a throwaway server again, with other settings on its command line. It may have been stopped. */
export async function restart(server: Server, settings: Record<string, string> = {}): Promise<void> {
  const options = Object.entries(settings).map(([name, value]) => ` -c ${name}=${value}`).join("")
  const log = join(dirname(server.data), "log")
  await asOwner([join(BIN ?? "", "pg_ctl"), "restart", "--wait", "--silent", "--mode", "fast", "--pgdata", server.data, "--log", log, "--options", `-p ${server.port}${options}`])
}

/** Stops a throwaway server at once. */
export async function stop(server: Server): Promise<void> {
  await asOwner([join(BIN ?? "", "pg_ctl"), "stop", "--wait", "--silent", "--mode", "fast", "--pgdata", server.data])
}

/** Makes the server read its files again, and waits until new connections see it. */
export async function reload(server: Server): Promise<void> {
  const loaded = async () => (await server.query<{ at: string }>("select pg_conf_load_time()::text as at"))[0]?.at
  const before = await loaded()
  await server.query("select pg_reload_conf()")
  await expect.poll(loaded, { timeout: 30_000, interval: 20 }).not.toBe(before)
}
