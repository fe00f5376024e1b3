import { createClient, type Client, type Job } from "@veneer/engine/client"
import { execa } from "execa"
import { readFile, rm } from "node:fs/promises"
import { basename, join } from "node:path"
import { createFetch } from "../../connection/fetch.ts"
import { locate } from "../../connection/locate.ts"
import { end, isAlive, workingBelow } from "./processes.ts"
import { readMark, STAGE_PREFIX, stageAt } from "./stage.ts"

/** What is being deleted has so long to end by itself. */
const DELETE_MS = 120_000
const ENGINE_MS = 30_000
const PROCESS_MS = 5_000

/** Takes a stage down, whatever state it is in: VDBs and dSources by their plugin's own means, then everything else. Doing it again is fine. */
export async function strike(path: string, tell: (line: string) => void): Promise<void> {
  const mark = await readMark(path)
  if (!mark || !basename(path).startsWith(STAGE_PREFIX)) throw new Error(`${path} is not the folder of a throwaway engine.`)
  if (mark.engine && isAlive(mark.engine)) {
    await emptyEngine(path, tell).catch((error: unknown) => tell(`Not everything could be deleted by the plugin itself: ${error instanceof Error ? error.message : String(error)}`))
    await end(mark.engine, ENGINE_MS)
  }
  await endAll(path)
  await unmountAll(path)
  await removeCatalogSocket(path)
  await rm(path, { recursive: true, force: true })
}

/** VDBs before what they come from: those that others depend on are refused until those are gone. */
async function emptyEngine(path: string, tell: (line: string) => void): Promise<void> {
  const { url, token, socket } = await locate({ dataDir: stageAt(path).dataDir })
  const client = createClient({ url, token, fetch: createFetch(socket) })
  const signal = AbortSignal.timeout(DELETE_MS)
  await cancelJobs(client, signal)
  for (;;) {
    const [vdbs, dsources] = await Promise.all([client.listVdbs({ query: { limit: 200 }, signal }), client.listDsources({ query: { limit: 200 }, signal })])
    const deletions = [
      ...vdbs.items.map(({ id, name }) => ({ name: `VDB ${name}`, begin: () => client.deleteVdb({ params: { id }, query: { force: true }, signal }) })),
      ...dsources.items.map(({ id, name }) => ({ name: `dSource ${name}`, begin: () => client.deleteDsource({ params: { id }, query: { force: true }, signal }) })),
    ]
    if (deletions.length === 0) return
    const outcomes = await Promise.allSettled(deletions.map(async ({ name, begin }) => {
      const job = await begin()
      tell(`Deleting ${name}`)
      return client.watchJob(job.id, { signal, awayMs: 0 })
    }))
    const succeeded = outcomes.some((outcome) => outcome.status === "fulfilled" && outcome.value.state === "succeeded")
    if (!succeeded) throw new Error(deletions.map(({ name }) => name).join(", "))
  }
}

async function cancelJobs(client: Client, signal: AbortSignal): Promise<void> {
  const states: Job["state"][] = ["queued", "running", "undoing"]
  const pages = await Promise.all(states.map((state) => client.listJobs({ query: { limit: 200, state }, signal })))
  await Promise.allSettled(pages.flatMap(({ items }) => items).map(async ({ id }) => {
    await client.cancelJob({ params: { id }, signal }).catch(() => undefined)
    await client.watchJob(id, { signal, awayMs: 0 })
  }))
}

/** Servers of VDBs and staging, and the catalog's own, should any be left. */
async function endAll(path: string): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    const left = workingBelow(path)
    if (left.length === 0) return
    await Promise.all(left.map((mark) => end(mark, PROCESS_MS)))
  }
}

async function unmountAll(path: string): Promise<void> {
  const mounts = (await readFile("/proc/self/mountinfo", "utf8")).split("\n").map((line) => unescaped(line.split(" ")[4] ?? "")).filter((mount) => mount.startsWith(`${path}/`))
  for (const mount of mounts.sort().toReversed()) {
    const { failed } = await execa("umount", ["--", mount], { reject: false })
    if (failed) await execa("umount", ["--lazy", "--", mount], { reject: false })
  }
  const { stdout, failed } = await execa("losetup", ["--list", "--noheadings", "--output", "NAME,BACK-FILE"], { reject: false })
  if (failed) return
  for (const [device, file] of stdout.split("\n").map((line) => line.trim().split(/\s+/))) if (device !== undefined && file?.startsWith(`${path}/`)) await execa("losetup", ["--detach", device], { reject: false })
}

/** The kernel writes spaces, line breaks and backslashes in octal. */
const unescaped = (path: string): string => path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)))

/** Where the stage's path is too long for a socket, the catalog's is elsewhere. */
async function removeCatalogSocket(path: string): Promise<void> {
  const id = (await readFile(join(stageAt(path).dataDir, "engine-id"), "utf8").catch(() => "")).trim()
  if (/^\w+$/.test(id)) await rm(`/tmp/veneer-catalog-${id}`, { recursive: true, force: true })
}
