import { readdir, readFile } from "node:fs/promises"
import { homedir, tmpdir } from "node:os"
import { join } from "node:path"
import { isObject } from "@veneer/sdk/values"
import { nameHolders } from "../hosts/local/processes.ts"
import { listeningPorts } from "../operation/listening.ts"
import { BrokenPromise } from "./broken-promise.ts"
import type { Kit } from "./kit.ts"
import { play } from "./play.ts"
import { environmentSubject } from "./subjects.ts"
import { Take } from "./take.ts"

/** Where programs put things outside of datasets. What is named by an id is somebody's. */
const PLACES = [tmpdir(), "/tmp", "/var/tmp", "/dev/shm", "/run", "/run/lock", homedir(), join(homedir(), ".ssh"), join(homedir(), ".config")]

/** What was there before the first test, so that what came since can be told. */
export interface Before {
  mounts: ReadonlySet<string>
  watched: ReadonlyMap<string, readonly string[]>
}

export async function observe(watch: readonly string[]): Promise<Before> {
  return { mounts: await mountLines(), watched: new Map(await Promise.all(watch.map(async (folder): Promise<[string, string[]]> => [folder, await tree(folder)]))) }
}

/** Everything that is left of dSources and VDBs that are gone. */
export async function leftoversOf(kit: Kit): Promise<string[]> {
  const { world, host } = kit
  const gone = [...world.ids].filter((id) => id !== world.dsource?.id && id !== world.vdb?.id)
  if (gone.length === 0) return []
  const traces = await tracesOf(kit, gone)
  if (!host.isHere) return traces
  const processes = kit.newcomers.naming(gone)
  const [files, listening] = await Promise.all([filesNaming(gone), listeningPorts()])
  return [
    ...traces,
    ...(processes.length > 0 ? [`Processes: ${nameHolders(processes)}.`] : []),
    ...files.map((file) => `The file or directory ${file}.`),
    ...kit.ports.released.filter((port) => listening.has(port)).map((port) => `Somebody still listens on port ${port}, which was reserved for a dSource or VDB that is gone.`),
  ]
}

/** What is left when nothing is there any more. */
export async function leftoversInTheEnd(kit: Kit, before: Before): Promise<string[]> {
  if (!kit.host.isHere) return leftoversOf(kit)
  const holders = kit.newcomers.holding([kit.root])
  const running = kit.host.running()
  const mounts = [...(await mountLines())].filter((line) => !before.mounts.has(line) && [kit.root, ...kit.world.ids].some((text) => line.includes(text)))
  const watched = await Promise.all([...before.watched].map(async ([folder, files]) => difference(folder, files, await tree(folder))))
  return [
    ...(await leftoversOf(kit)),
    ...(holders.length > 0 ? [`Processes that work in what were datasets: ${nameHolders(holders)}.`] : []),
    ...(running.length > 0 ? [`Processes that scripts have left running: ${nameHolders(running)}.`] : []),
    ...mounts.map((line) => `The mount ${line}.`),
    ...watched.flat(),
  ]
}

/** @throws BrokenPromise naming all that is left */
export function expectNothing(found: readonly string[], when: string): void {
  if (found.length === 0) return
  throw new BrokenPromise({
    found: `${when} this is left:${found.map((what) => `\n    ${what}`).join("")}`,
    promise: "What is made outside of datasets is removed again: by unconfigure and cleanup, by stopStaging with the reason delete, and by each script that is cut off.",
    action: "Name what is made by the source's id, so that it is found again, and remove it in those operations.",
  })
}

/** What the plugin itself finds. */
async function tracesOf(kit: Kit, gone: readonly string[]): Promise<string[]> {
  const { repository, sourceConfigs } = kit.world
  if (!kit.offers("discovery.traces") || !repository || !sourceConfigs) return []
  const traces = await new Take(kit, "discover", {}).call(environmentSubject, "discovery.traces", "discover", { repository, sourceConfigs })
  return (Array.isArray(traces) ? traces : []).filter((trace) => isObject(trace) && gone.includes(String(trace["source"]))).map((trace) => `By discovery.traces: ${String(trace.description)}`)
}

async function filesNaming(ids: readonly string[]): Promise<string[]> {
  const found = await Promise.all([...new Set(PLACES)].map(async (place) => (await readdir(place).catch(() => [])).filter((name) => ids.some((id) => name.includes(id))).map((name) => join(place, name))))
  return found.flat()
}

const mountLines = async (): Promise<Set<string>> =>
  new Set((await readFile("/proc/self/mountinfo", "utf8").catch(() => "")).split("\n").map((line) => line.split(" ").slice(3, 5).join(" at ")).filter((line) => line !== ""))

const tree = async (folder: string): Promise<string[]> => (await readdir(folder, { recursive: true }).catch(() => [])).sort((a, b) => a.localeCompare(b))

function difference(folder: string, before: readonly string[], after: readonly string[]): string[] {
  const come = after.filter((name) => !before.includes(name)).map((name) => `${join(folder, name)} has come.`)
  const gone = before.filter((name) => !after.includes(name)).map((name) => `${join(folder, name)} is gone.`)
  return [...come, ...gone]
}

/** Deletes what there still is, so that the next test begins with nothing. */
export async function takeDown(kit: Kit): Promise<void> {
  if (kit.world.vdb) await play(kit, "delete")
  if (kit.world.dsource) await play(kit, "dsource-delete")
}
