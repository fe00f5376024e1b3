import { setTimeout as delay } from "node:timers/promises"
import { Secret } from "@veneer/sdk"
import type { Verbs } from "../src/api/verbs.ts"
import type { Catalog } from "../src/catalog/catalog.ts"
import { findDsource, insertDsource } from "../src/catalog/dsources.ts"
import { findEnvironment, insertEnvironment } from "../src/catalog/environments.ts"
import { newId } from "../src/catalog/ids.ts"
import { insertPool, listPools } from "../src/catalog/pools.ts"
import { findSnapshot, latestSnapshot } from "../src/catalog/snapshots.ts"
import { deleteSourceConfig, insertSourceConfig, listRepositories, listSourceConfigs } from "../src/catalog/sources.ts"
import { findVdb, insertVdb } from "../src/catalog/vdbs.ts"
import { EngineError } from "../src/errors.ts"
import { request } from "./jobs.ts"
import { manifest } from "./manifest.ts"

const missing = (kind: string, id: string) => new EngineError("not_found", `There is no ${kind} "${id}".`)

/** A person's parameters with their passwords as secrets, as `sdk/contract` would make them. */
function accepted(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) return {}
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, name === "password" ? new Secret(String(child)) : typeof child === "object" && !Array.isArray(child) ? accepted(child) : child]))
}

/** The verbs of an engine that keeps objects and runs pretended jobs. */
export function createVerbs(catalog: Catalog, poke: () => void): Verbs {
  const start = async (kind: string, subject: Parameters<typeof request>[2], parameters?: unknown) => {
    const job = await request(catalog, kind, subject, parameters)
    poke()
    return job
  }
  const onDsource = (kind: string) => async (nameOrId: string, parameters?: unknown) => {
    const dsource = await findDsource(catalog, nameOrId)
    if (!dsource) throw missing("dSource", nameOrId)
    return start(kind, { kind: "dsource", id: dsource.id, name: dsource.name }, parameters)
  }
  const onVdb = (kind: string) => async (nameOrId: string, parameters?: unknown) => {
    const vdb = await findVdb(catalog, nameOrId)
    if (!vdb) throw missing("VDB", nameOrId)
    return start(kind, { kind: "vdb", id: vdb.id, name: vdb.name }, parameters)
  }
  const insert = async (name: string, parameters: unknown, hooks: Readonly<Record<string, string>>, snapshotId: string | undefined) => {
    const [repository] = await listRepositories(catalog, {})
    if (!repository) throw missing("repository", "any")
    const id = newId()
    const kind = snapshotId === undefined ? "create" : "provision"
    const free = await insertVdb(catalog, {
      id, name, pluginId: "toy", repositoryId: repository.id, environmentId: repository.environmentId, pool: "default", parameters: accepted(parameters), hooks, snapshotId,
    }, kind)
    if (!free) throw new EngineError("name_taken", `There is a VDB "${name}" already.`)
    const job = await onVdb(kind)(id)
    const environment = await findEnvironment(catalog, repository.environmentId)
    if (!environment) throw missing("environment", repository.environmentId)
    return { vdb: free, job, names: { environment, repository } }
  }
  return {
    addEnvironment: async ({ name }) => {
      const environment = await insertEnvironment(catalog, { name, kind: "local" })
      if (!environment) throw new EngineError("name_taken", `There is an environment "${name}" already.`)
      return { environment, job: await start("discover", { kind: "environment", id: environment.id, name }) }
    },
    updateEnvironment: async (id) => {
      const environment = await findEnvironment(catalog, id)
      if (!environment) throw missing("environment", id)
      return environment
    },
    leaveEnvironment: async () => undefined,
    discover: async (nameOrId) => {
      const environment = await findEnvironment(catalog, nameOrId)
      if (!environment) throw missing("environment", nameOrId)
      return start("discover", { kind: "environment", id: environment.id, name: environment.name })
    },
    addSource: async ({ plugin, definition }) => {
      const [repository] = await listRepositories(catalog, { pluginId: plugin })
      if (!repository) throw missing("repository", plugin)
      const name = String(Object.values(definition ?? {})[0])
      const id = await insertSourceConfig(catalog, repository.id, { identity: JSON.stringify([name]), name, definition: accepted(definition) })
      const [source] = await listSourceConfigs(catalog, { id })
      if (id === undefined || !source) throw new EngineError("name_taken", `There is a source "${name}" already.`)
      return source
    },
    removeSource: async (id) => void (await deleteSourceConfig(catalog, id)),
    link: async ({ name, source, parameters, hooks }) => {
      const [config] = await listSourceConfigs(catalog, { nameOrId: source })
      if (!config) throw missing("source config", source)
      const id = newId()
      const free = await insertDsource(catalog, {
        id, name, pluginId: "toy", sourceConfigId: config.id, environmentId: config.environmentId, pool: "default", parameters: accepted(parameters), hooks: hooks ?? {},
      })
      if (!free) throw new EngineError("name_taken", `There is a dSource "${name}" already.`)
      const job = await onDsource("link")(id, accepted(parameters))
      const dsource = await findDsource(catalog, id)
      if (!dsource) throw missing("dSource", id)
      return { dsource, job }
    },
    sync: onDsource("sync"), enableDsource: onDsource("enable"), disableDsource: onDsource("disable"), deleteDsource: onDsource("delete"),
    dsourceStatus: async () => ({ state: "active" }),
    deleteSnapshot: async (id) => {
      if (!(await findSnapshot(catalog, id))) throw missing("snapshot", id)
      return start("delete-snapshot", { kind: "snapshot", id, name: id })
    },
    provision: async ({ name, from, parameters, hooks }) => {
      const owner = await findDsource(catalog, from)
      const snapshot = owner ? await latestSnapshot(catalog, { kind: "dsource", id: owner.id }) : await findSnapshot(catalog, from)
      if (!snapshot) throw missing("snapshot", from)
      return insert(name, parameters, hooks ?? {}, snapshot.id)
    },
    createEmpty: ({ name, parameters, hooks }) => insert(name, parameters, hooks ?? {}, undefined),
    refresh: onVdb("refresh"), rewind: onVdb("rewind"), snapshotVdb: onVdb("snapshot"), startVdb: onVdb("start"), stopVdb: onVdb("stop"),
    enableVdb: onVdb("enable"), disableVdb: onVdb("disable"), deleteVdb: onVdb("delete"),
    vdbStatus: async (nameOrId) => {
      if (nameOrId === "explode") throw new Error(`unforeseen: ${nameOrId} s3cr3t-planted`)
      if (nameOrId === "blame") throw Object.assign(new Error("The toy is broken."), { code: "toy_broken", action: "Mend the toy.", output: "crack" })
      if (nameOrId === "slow") await delay(400)
      return { state: "degraded", reason: "It limps.", action: "Give it rest." }
    },
    vdbAccess: ({ name }) => ({ url: `toy://user:s3cr3t-planted@127.0.0.1:6001/${name}`, command: ["sh", "-c", 'echo "client of $TOY_NAME"; exit 7'], environment: { TOY_NAME: name } }),
    uploadPlugin: async (artifact, { dryRun }) => {
      if (artifact.length < 4) throw new EngineError("artifact_invalid", "The artifact is no archive.")
      const upload = { manifest, outcome: "upgraded" as const, from: { version: "0.9.0", buildNumber: "0.9" }, migrations: manifest.migrations, omitted: 0 }
      const finding = { object: { kind: "vdb" as const, id: "3k9x", name: "a \u001b[31mred\u001b[0m VDB" }, pointer: "/parameters/port", message: "must be integer; it is \"6000\"" }
      return { ...upload, objects: [{ kind: "virtualSource", count: 3, changed: 2, untried: 0 }], findings: dryRun === true ? [finding] : [] }
    },
    deletePlugin: async () => { throw new EngineError("in_use", "Plugin \"toy\" is used.") },
    addPool: async ({ name, driver = "copy", device, sizeBytes }) => {
      await delay(100)
      if (!(await insertPool(catalog, name, { driver, ...(device !== undefined && { device }), ...(sizeBytes !== undefined && { sizeBytes }) }))) {
        throw new EngineError("name_taken", `There is a pool "${name}" already.`)
      }
      const pool = (await listPools(catalog)).find((known) => known.name === name)
      if (!pool) throw missing("pool", name)
      return pool
    },
    examine: async () => [{ kind: "mount", subject: "/mnt/veneer/x", message: "Nothing in the catalog is mounted there.", action: "Run `veneer engine doctor --fix`." }],
    mend: async () => [{ kind: "mount", subject: "/mnt/veneer/x", message: "Nothing in the catalog is mounted there.", action: "Nothing: it was unmounted.", fixed: true }],
  }
}
