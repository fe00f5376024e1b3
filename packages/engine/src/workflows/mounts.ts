import { join, relative } from "node:path"
import type { Mount, MountSpecification, Reason } from "@veneer/sdk"
import { directoryInside } from "../inside.ts"
import type { Effect, Step } from "../jobs/job.ts"
import type { MountPoint } from "../share/port.ts"
import { callPlugin, type Subject } from "./call.ts"
import { isDirect } from "./direct.ts"
import { holdReach } from "./reach.ts"
import type { Engine } from "./engine.ts"

/** Where a dataset is mounted: absolute paths in the order of the plugin's mount specification. */
export type Mounts = [string, ...string[]]

/** What is mounted, and on whose behalf. */
export interface Mounting {
  pool: string
  dataset: string
  reason: Reason
  /** Where its plugin wants it, if that is known already. */
  specification?: MountSpecification
}

/** Mounts a dataset where its plugin wants it. Undo takes it away again. */
export function mountEffect(engine: Engine, subject: Subject, { pool, dataset, reason, specification: known }: Mounting): Effect<Mounts> {
  return {
    run: async (step) => {
      const specification = known ?? (await askWhere(engine, step, subject, reason))
      return mountAt(engine, subject, { pool, dataset, specification, fallback: ownPath(engine, subject) })
    },
    undo: async () => unmountDataset(engine, pool, dataset),
  }
}

/** Mounts a dataset apart from its source, at a path of the engine's own, laid out as the source's plugin wants it. */
export function mountApart(engine: Engine, subject: Subject, { pool, dataset, name }: { pool: string; dataset: string; name: string }): Effect<Mounts> {
  return {
    run: async (step) => {
      const { mounts, ownership } = await askWhere(engine, step, subject, "publish")
      const [first, ...rest] = mounts.map(({ subdirectory }) => ({ subdirectory }))
      return mountAt(engine, subject, { pool, dataset, specification: { mounts: [first ?? {}, ...rest], ...(ownership && { ownership }) }, fallback: join(engine.mountRoot, "publish", name) })
    },
    undo: async () => unmountDataset(engine, pool, dataset),
  }
}

/** Where a dataset is mounted now, in the order of its mount specification; undefined when any of it is not. */
export async function mountsOf(engine: Engine, step: Step, subject: Subject, { pool, dataset }: { pool: string; dataset: string }): Promise<Mounts | undefined> {
  const specification = await askWhere(engine, step, subject, "status")
  const points = planned(engine, { pool, dataset, specification, fallback: ownPath(engine, subject) })
  const mounted = new Set((await engine.share.list()).map(({ source, target }) => JSON.stringify([source, target])))
  if (!points.every(({ source, target }) => mounted.has(JSON.stringify([source, target])))) return undefined
  return targetsOf(points)
}

/** Takes away every mount of a dataset, as observed. */
export async function unmountDataset(engine: Engine, pool: string, dataset: string): Promise<void> {
  const path = engine.pools.get(pool).path(dataset)
  const points = (await engine.share.list()).filter(({ source }) => source === path || source.startsWith(`${path}/`))
  // One may stand inside another.
  for (const { target } of points.sort((a, b) => b.target.length - a.target.length)) await engine.share.unmount(target)
}

/** A direct plugin doesn't say how its dSources are laid out: whole. */
/** Where the plugin wants a dataset of its subject. */
export async function askWhere(engine: Engine, step: Step, subject: Subject, reason: Reason): Promise<MountSpecification> {
  if (subject.kind === "dsource" && isDirect(engine, subject.pluginId)) return { mounts: [{}] }
  const operation = subject.kind === "dsource" ? "linked.mountSpecification" : "virtual.mountSpecification"
  return callPlugin(engine, step, subject, operation, reason)
}

/** At least one, as the mount specification itself. */
type Points = [MountPoint, ...MountPoint[]]

interface Plan {
  pool: string
  dataset: string
  specification: MountSpecification
  /** The path of the first mount that asks for none. */
  fallback: string
}

function planned(engine: Engine, { pool, dataset, specification, fallback }: Plan): Points {
  const root = engine.pools.get(pool).path(dataset)
  const point = ({ path, subdirectory }: Mount, index: number): MountPoint => ({
    source: subdirectory === undefined ? root : join(root, subdirectory),
    target: path ?? (index === 0 ? fallback : `${fallback}-${index + 1}`),
  })
  const [first, ...rest] = specification.mounts
  return [point(first, 0), ...rest.map((mount, index) => point(mount, index + 1))]
}

async function mountAt(engine: Engine, { environment }: Subject, plan: Plan): Promise<Mounts> {
  holdReach(environment)
  const points = planned(engine, plan)
  const root = engine.pools.get(plan.pool).path(plan.dataset)
  for (const point of points) {
    if (point.source !== root) await directoryInside(root, relative(root, point.source))
    if (plan.specification.ownership) await engine.share.own(point.source, plan.specification.ownership)
    await engine.share.mount(point)
  }
  return targetsOf(points)
}

const targetsOf = ([first, ...rest]: Points): Mounts => [first.target, ...rest.map(({ target }) => target)]

const ownPath = (engine: Engine, subject: Subject): string => join(engine.mountRoot, subject.kind, subject.id)
