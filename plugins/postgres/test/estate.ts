import { spawnSync } from "node:child_process"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import type { Reason, Secret } from "@veneer/sdk"
import plugin from "../src/index.ts"
import type { Postgres, Repository, Snapshot, SourceConfig, VirtualSource } from "../src/schemas.ts"
import { psql, type Cluster } from "./cluster.ts"
import type { TestHost } from "./host.ts"

const { linked, virtual } = plugin
if (plugin.ingestion !== "staged" || !("startStaging" in linked)) throw new Error("the plugin is not staged")

type Mounts = [string, ...string[]]

let serial = 0

/** An id as the engine makes them, and no other test has. */
export function newId(): string {
  serial += 1
  return `t${String(process.pid)}x${String(serial)}`
}

/** Bytes of directories appear and vanish as the OS user postgres. */
export function makeMount(host: TestHost, name: string): string {
  const path = join(host.mounts, name)
  mkdirSync(path)
  spawnSync("chown", ["postgres:", path])
  return path
}

/** What discovery finds of a test's own cluster. */
export async function discover(host: TestHost, cluster: Cluster): Promise<{ repository: Repository; sourceConfig: SourceConfig }> {
  const repositories = await plugin.discovery.repositories(host.call("discover"))
  const repository = repositories.find(({ binDirectory }) => binDirectory === cluster.bin)
  if (!repository) throw new Error(`no repository at ${cluster.bin}`)
  const sourceConfigs = await plugin.discovery.sourceConfigs({ ...host.call("discover"), repository })
  const sourceConfig = sourceConfigs.find(({ dataDirectory }) => dataDirectory === cluster.data)
  if (!sourceConfig) throw new Error(`no cluster at ${cluster.data}`)
  return { repository, sourceConfig }
}

/** A dSource as the engine would drive it. */
export class DSource {
  readonly id = newId()
  readonly mount: string
  method: Omit<Postgres["linkedSource"]["method"], "type"> = {}

  readonly #host: TestHost
  readonly repository: Repository
  readonly sourceConfig: SourceConfig

  constructor(host: TestHost, found: { repository: Repository; sourceConfig: SourceConfig }) {
    this.#host = host
    this.repository = found.repository
    this.sourceConfig = found.sourceConfig
    this.mount = makeMount(host, this.id)
  }

  call(reason: Reason, mount = this.mount) {
    const mounts: Mounts = [mount]
    const source = { id: this.id, name: "sales", parameters: { method: { type: "streaming" as const, ...this.method } } }
    return { ...this.#host.call(reason), source, repository: this.repository, sourceConfig: this.sourceConfig, mounts }
  }

  async sync({ resync = false } = {}): Promise<Snapshot> {
    await linked.preSnapshot?.({ ...this.call("sync"), resync })
    return linked.postSnapshot({ ...this.call("sync"), resync })
  }

  /** A storage snapshot by copying, and its image. */
  async publish(snapshot: Snapshot): Promise<Image> {
    const path = join(this.#host.mounts, newId())
    copy(this.mount, path)
    const evidence = await linked.publish?.({ ...this.call("publish", path), snapshot })
    return { path, snapshot: { ...snapshot, ...evidence } }
  }

  async start(): Promise<void> {
    await linked.startStaging?.(this.call("enable"))
  }

  async status() {
    return linked.status?.(this.call("status"))
  }

  async stop(reason: "disable" | "delete"): Promise<void> {
    await linked.stopStaging?.(this.call(reason))
  }
}

export interface Image {
  path: string
  snapshot: Snapshot
}

/** A VDB as the engine would drive it. */
export class Vdb {
  readonly id = newId()
  mount: string
  config: SourceConfig | undefined
  parameters: VirtualSource

  readonly #host: TestHost
  readonly repository: Repository

  constructor(host: TestHost, repository: Repository, parameters: VirtualSource = {}) {
    this.#host = host
    this.repository = repository
    this.parameters = parameters
    this.mount = join(host.mounts, this.id)
  }

  call(reason: Reason, mount = this.mount) {
    const mounts: Mounts = [mount]
    return { ...this.#host.call(reason), source: { id: this.id, name: "sales-dev", parameters: this.parameters }, repository: this.repository, mounts }
  }

  configured(reason: Reason) {
    if (!this.config) throw new Error("not configured")
    return { ...this.call(reason), sourceConfig: this.config }
  }

  async provision(image: Image): Promise<SourceConfig> {
    copy(image.path, this.mount)
    this.config = await virtual.configure({ ...this.call("provision"), snapshot: image.snapshot })
    return this.config
  }

  async reconfigure(reason: "rewind" | "enable"): Promise<void> {
    this.config = await virtual.reconfigure(this.configured(reason))
  }

  async snapshot(): Promise<Image> {
    await virtual.preSnapshot?.(this.configured("snapshot"))
    const path = join(this.#host.mounts, newId())
    copy(this.mount, path)
    const snapshot = await virtual.postSnapshot(this.configured("snapshot"))
    const evidence = await virtual.publish?.({ ...this.configured("publish"), mounts: [path], snapshot })
    return { path, snapshot: { ...snapshot, ...evidence } }
  }

  async unconfigure(reason: "delete" | "disable" | "rewind" | "refresh"): Promise<void> {
    await virtual.unconfigure?.({ ...this.call(reason), ...(this.config && { sourceConfig: this.config }) })
  }

  /** A query by TCP, with the credentials that a person is given. */
  async ask(sql: string, over: { password?: Secret } = {}): Promise<string> {
    const { sourceConfig: { host, port, user = "", password, database = "" }, repository } = this.configured("status")
    return psql(repository.binDirectory, { PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: (over.password ?? password)?.reveal() ?? "", PGDATABASE: database }, sql)
  }
}

/** What a storage driver does atomically. */
export function copy(from: string, to: string): void {
  const { status, stderr } = spawnSync("cp", ["-a", "--reflink=auto", from, to], { encoding: "utf8" })
  // Files of a running cluster may vanish under the copy.
  if (status !== 0 && !/No such file/.test(stderr)) throw new Error(stderr)
}

/** The code of the UserError that something ends with, and what it tells to do. */
export async function failure(work: Promise<unknown>): Promise<{ code?: string; action?: string; message: string; output?: string }> {
  try {
    await work
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error("it did not fail")
}
