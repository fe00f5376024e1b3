import { spawnSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import plugin from "../src/index.ts"
import type { Repository, Snapshot, SourceConfig } from "../src/schemas.ts"
import { clone, makeCluster, psql, type Cluster } from "./cluster.ts"
import { testHost, whyNot, type TestHost } from "./host.ts"

const reason = whyNot()

describe.skipIf(reason !== undefined)(`a dSource and a VDB of a real cluster${reason === undefined ? "" : ` (${reason})`}`, () => {
  let host: TestHost
  let cluster: Cluster
  let repository: Repository
  let sourceConfig: SourceConfig
  let snapshot: Snapshot
  let vdb: SourceConfig

  const { linked, virtual } = plugin
  if (plugin.ingestion !== "staged") throw new Error("staged")
  const place = (name: string): [string, ...string[]] => [join(host.mounts, name)]
  const dsource = { id: `d${String(process.pid)}`, name: "sales", parameters: { method: { type: "streaming" as const } } }
  const source = { id: `v${String(process.pid)}`, name: "sales-dev", parameters: { user: "o'neill \"x\" $`\\", database: "we ird'\"$" } }
  const staging = (why: "sync" | "delete" | "enable") => ({ ...host.call(why), source: dsource, repository, sourceConfig, mounts: place("staging") })
  const target = (why: "provision" | "delete" | "snapshot" | "rewind" | "stop" | "status") => ({ ...host.call(why), source, repository, mounts: place("vdb") })
  const ask = (config: SourceConfig, sql: string) => psql(cluster.bin, { PGHOST: config.host, PGPORT: String(config.port), PGUSER: config.user ?? "", PGPASSWORD: config.password?.reveal() ?? "", PGDATABASE: config.database ?? "" }, sql)

  beforeAll(async () => {
    host = testHost()
    cluster = await makeCluster(host, "/usr/lib/postgresql/15/bin", "source")
    await cluster.psql(`create database "we ird'""$"`)
    await cluster.psql("create table t as select generate_series(1, 1000) n", "we ird'\"$")
    for (const name of ["staging", "vdb"]) {
      mkdirSync(join(host.mounts, name))
      spawnSync("chown", ["postgres:", join(host.mounts, name)])
    }
  }, 60_000)

  afterAll(async () => {
    await virtual.unconfigure?.(target("delete")).catch?.(() => undefined)
    await cluster.stop()
    host.remove()
  }, 60_000)

  it("is discovered", async () => {
    const found = await plugin.discovery.repositories(host.call("discover"))
    const repo = found.find(({ binDirectory }) => binDirectory === cluster.bin)
    expect(repo).toMatchObject({ major: 15, owner: "postgres" })
    repository = repo as Repository
    const configs = await plugin.discovery.sourceConfigs({ ...host.call("discover"), repository })
    const config = configs.find(({ dataDirectory }) => dataDirectory === cluster.data)
    expect(config).toMatchObject({ name: `source:${String(cluster.port)}`, port: cluster.port, host: "127.0.0.1", running: true, walLevel: "replica", owner: "postgres" })
    expect(config?.databases?.map(({ name }) => name)).toContain("we ird'\"$")
    sourceConfig = config as SourceConfig
  }, 60_000)

  it("is ingested and described", async () => {
    await linked.preSnapshot?.({ ...staging("sync"), resync: true })
    snapshot = await linked.postSnapshot({ ...staging("sync"), resync: false })
    expect(snapshot).toMatchObject({ major: 15, timeline: 1, verified: true, superuser: "postgres", checksums: false })
  }, 60_000)

  it("is published", async () => {
    clone(join(host.mounts, "staging"), join(host.mounts, "image"))
    const evidence = await linked.publish?.({ ...staging("sync"), snapshot, mounts: place("image") })
    expect(evidence).toMatchObject({ cleanShutdown: true, timeline: 2, superuser: "postgres" })
    expect(await linked.publish?.({ ...staging("sync"), snapshot, mounts: place("image") })).toEqual(evidence)
    snapshot = { ...snapshot, ...evidence }
  }, 60_000)

  it("is provisioned and answers", async () => {
    spawnSync("rm", ["-rf", join(host.mounts, "vdb")])
    clone(join(host.mounts, "image"), join(host.mounts, "vdb"))
    vdb = await virtual.configure({ ...target("provision"), snapshot })
    expect(await ask(vdb, "select count(*) from t")).toBe("1000")
  }, 60_000)

  it("leaves nothing when it goes", async () => {
    await virtual.unconfigure?.({ ...target("delete"), sourceConfig: vdb })
    await linked.stopStaging?.(staging("delete"))
    expect(readdirSync("/tmp").filter(name => name.startsWith(`veneer-${dsource.id}`) || name.startsWith(`veneer-${source.id}`))).toEqual([])
    expect(await cluster.psql("select count(*) from pg_replication_slots")).toBe("0")
    void readFileSync
  }, 60_000)
})
