import { listEnvironments, type EnvironmentRecord } from "../catalog/environments.ts"
import { openJobs } from "../catalog/jobs.ts"
import { listPools } from "../catalog/pools.ts"
import { listPorts, releasePorts } from "../catalog/ports.ts"
import { listRepositories, listSourceConfigs } from "../catalog/sources.ts"
import { catalogue, EngineError, problemOf } from "../errors.ts"
import type { CallContext } from "../plugins/port.ts"
import type { MountPoint } from "../share/port.ts"
import type { Storage } from "../storage/port.ts"
import { ownership, type Ownership } from "./ownership.ts"
import type { Engine } from "./engine.ts"
import { jobOfRun } from "./runs.ts"
import { looking, vdbStatus } from "./status.ts"

/** Something without an owner, or an object without its thing. */
export interface Finding {
  kind: "dataset" | "mount" | "process" | "port" | "trace" | "run" | "object"
  /** The dataset's name, the mount's path, the object's name, … */
  subject: string
  message: string
  /** What mends it. */
  action: string
  /** Whether `--fix` has mended it; absent when it was only looked at. */
  fixed?: boolean
}

/** A finding with what mends it, where the engine can. */
interface Fault extends Finding {
  fix?: () => Promise<unknown>
}

const FIX = "Run `veneer engine doctor --fix`."

/** Looks for every dataset, mount, process, port, trace and detached run that no object owns, and every object whose thing is gone. */
export async function examine(engine: Engine): Promise<Finding[]> {
  return (await faults(engine)).map(({ fix: _fix, ...finding }) => finding)
}

/** Mends what can be mended, and says of each finding whether it was. */
export async function mend(engine: Engine): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const { fix, ...finding } of await faults(engine)) {
    if (!fix) findings.push({ ...finding, fixed: false })
    else {
      const failure = await fix().then(() => undefined, problemOf)
      findings.push(failure ? { ...finding, fixed: false, message: `${finding.message} It could not be mended: ${failure.message}` } : { ...finding, fixed: true })
    }
  }
  return findings
}

/** A pool that is open, with what it holds. */
interface OpenPool {
  name: string
  storage: Storage
  datasets: readonly string[]
}

/** Processes come before the mounts they keep busy, mounts before the datasets they show: the order in which they can be mended. */
async function faults(engine: Engine): Promise<Fault[]> {
  const own = await ownership(engine.catalog)
  const { open, closed } = await openPools(engine)
  const points = await engine.share.list()
  return [
    ...closed, ...(await strayDatasets(engine, own, { open, points })), ...strayMounts(engine, own, { open, points }), ...(await strayPorts(engine, own)),
    ...(await strayRuns(engine)), ...(await strayTraces(engine, own)), ...bereft(own, open), ...(await asleep(engine, own)),
  ]
}

async function openPools(engine: Engine): Promise<{ open: OpenPool[]; closed: Fault[] }> {
  const open: OpenPool[] = []
  const closed: Fault[] = []
  for (const { name } of await listPools(engine.catalog)) {
    try {
      const storage = engine.pools.get(name)
      open.push({ name, storage, datasets: (await storage.list()).map((dataset) => dataset.name) })
    } catch (thrown) {
      const { message, action } = problemOf(thrown)
      closed.push({ kind: "object", subject: `pool ${name}`, message, action })
    }
  }
  return { open, closed }
}

/** What is mounted, and the pools whose datasets it may be of. */
interface Seen {
  open: readonly OpenPool[]
  points: readonly MountPoint[]
}

const within = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)

async function strayDatasets(engine: Engine, own: Ownership, { open, points }: Seen): Promise<Fault[]> {
  const found: Fault[] = []
  for (const { name: pool, storage, datasets } of open) {
    for (const dataset of datasets.filter((name) => !own.ownsDataset(pool, name))) {
      const path = storage.path(dataset)
      const targets = points.filter(({ source }) => within(source, path)).map(({ target }) => target)
      for (const place of [path, ...targets]) {
        for (const { pid, command, user } of await engine.share.holders(place)) {
          found.push({ kind: "process", subject: String(pid), message: `${command} of ${user} works in ${place}, which no object owns.`, action: FIX, fix: () => engine.share.evict(place) })
        }
      }
      for (const target of targets) found.push({ kind: "mount", subject: target, message: `${dataset} is mounted, and no object owns it.`, action: FIX, fix: () => engine.share.unmount(target) })
      found.push({ kind: "dataset", subject: `${pool}/${dataset}`, message: "No object owns this dataset.", action: FIX, fix: () => storage.destroy(dataset) })
    }
  }
  return found
}

/** Mounts of datasets that have an owner, but none that is attached. */
function strayMounts(engine: Engine, own: Ownership, { open, points }: Seen): Fault[] {
  return open.flatMap(({ name: pool, storage, datasets }) => {
    const attached = new Set(own.attached(pool))
    const detached = datasets.filter((dataset) => own.ownsDataset(pool, dataset) && !attached.has(dataset)).map((dataset) => storage.path(dataset))
    const stray = points.filter(({ source }) => detached.some((path) => within(source, path)))
    return stray.map(({ target }) => ({ kind: "mount" as const, subject: target, message: "What is mounted here belongs to an object that is not attached.", action: FIX, fix: () => engine.share.unmount(target) }))
  })
}

async function strayPorts(engine: Engine, own: Ownership): Promise<Fault[]> {
  const ports = (await listPorts(engine.catalog)).filter(({ owner }) => !own.exists(owner))
  return ports.map(({ port, owner }) => ({ kind: "port", subject: String(port), message: `It is promised to ${owner}, which does not exist.`, action: FIX, fix: () => releasePorts(engine.catalog, owner) }))
}

/** Detached runs are keyed by their job. */
async function strayRuns(engine: Engine): Promise<Fault[]> {
  const open = new Set((await openJobs(engine.catalog)).map(({ id }) => id))
  const found: Fault[] = []
  for (const environment of await listEnvironments(engine.catalog)) {
    const host = engine.hosts.host(environment)
    for (const key of (await host.listDetached()).filter((run) => !open.has(jobOfRun(run)))) {
      found.push({ kind: "run", subject: key, message: `A detached run on "${environment.name}" belongs to no job that is under way.`, action: FIX, fix: () => host.discardDetached(key) })
    }
  }
  return found
}

/** What plugins left outside datasets: a replication slot, a private directory. */
async function strayTraces(engine: Engine, own: Ownership): Promise<Fault[]> {
  const found: Fault[] = []
  for (const environment of await listEnvironments(engine.catalog)) {
    for (const repository of await listRepositories(engine.catalog, { environmentId: environment.id })) {
      const { pluginId, definition } = repository
      if (!engine.plugins.offers(pluginId, "discovery.traces")) continue
      const configs = (await listSourceConfigs(engine.catalog, { environmentId: environment.id, pluginId })).filter(({ repositoryId }) => repositoryId === repository.id)
      const input = { repository: definition, sourceConfigs: configs.map((config) => config.definition) }
      const traces = await engine.plugins.call(pluginId, "discovery.traces", input, lookingAt(environment)).catch(outOfReach)
      if (traces === undefined) {
        found.push({ kind: "trace", subject: environment.name, message: `"${environment.name}" can't be reached: what ${pluginId} may have left there is not known.`, action: catalogue.environment_unreachable.action })
        continue
      }
      for (const trace of traces.filter(({ source }) => !own.exists(`dsource/${source}`) && !own.exists(`vdb/${source}`))) {
        const fix = engine.plugins.offers(pluginId, "discovery.removeTrace") ? () => engine.plugins.call(pluginId, "discovery.removeTrace", { ...input, trace }, lookingAt(environment)) : undefined
        found.push({ kind: "trace", subject: trace.name, message: `${trace.description} It is of ${trace.source}, which does not exist.`, action: fix ? FIX : trace.action, ...(fix && { fix }) })
      }
    }
  }
  return found
}

/** Nothing is known of a host that is gone; of the others there is something to be said all the same. */
function outOfReach(error: unknown): undefined {
  if (!(error instanceof EngineError) || error.code !== "environment_unreachable") throw error
}

function lookingAt(environment: EnvironmentRecord): CallContext {
  const { key, signal, log } = looking(`doctor/${environment.id}`)
  return { environment, reason: "status", key, owner: undefined, signal, log, progress: () => undefined }
}

/** Objects whose dataset is gone. */
function bereft(own: Ownership, open: readonly OpenPool[]): Fault[] {
  return open.flatMap(({ name: pool, datasets }) => {
    const held = new Set(datasets)
    const gone = own.needed(pool).filter(({ dataset }) => !held.has(dataset))
    return gone.map(({ dataset, object, action }) => ({ kind: "object" as const, subject: object, message: `Its dataset ${pool}/${dataset} is gone.`, action }))
  })
}

/** VDBs that should run and don't. */
async function asleep(engine: Engine, own: Ownership): Promise<Fault[]> {
  const found: Fault[] = []
  for (const { id, name } of own.activeVdbs()) {
    const health = await vdbStatus(engine, id)
    if (health.state !== "inactive") continue
    const reason = health.reason === undefined ? "." : `: ${health.reason}`
    found.push({ kind: "object", subject: name, message: `It should be running and is not${reason}`, action: `Run \`veneer vdb disable ${name}\`, then \`veneer vdb enable ${name}\`.` })
  }
  return found
}
