import { spawnSync } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import type { Connection } from "@veneer/sdk"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import plugin from "../src/index.ts"
import { makeCluster, type Cluster } from "./cluster.ts"
import { discover } from "./estate.ts"
import { testHost, whyNot, type TestHost } from "./host.ts"

const reason = whyNot()
const DEBIAN = "/etc/postgresql/15/main/postgresql.conf"

describe.skipIf(reason !== undefined)(`discovery${reason === undefined ? "" : ` (${reason})`}`, () => {
  let host: TestHost
  let cluster: Cluster
  let nobody: Connection

  /** A host where nothing can be run as anybody else. */
  const asNobody = () => ({ ...host.call("discover"), connection: nobody })

  beforeAll(async () => {
    host = testHost()
    nobody = { environment: "here", address: "127.0.0.1", user: "nobody", as: () => nobody }
    cluster = await makeCluster(host, "source", ["--wal-segsize=1"])
    await cluster.hba("local all all peer", "host all all 127.0.0.1/32 scram-sha-256")
  })

  afterAll(async () => {
    await cluster.stop()
    host.remove()
  })

  it("finds the installation and its running clusters as an ordinary user, and says what keeps it from asking them", async () => {
    const repository = (await plugin.discovery.repositories(asNobody())).find(({ binDirectory }) => binDirectory === cluster.bin)
    expect(repository).toMatchObject({ major: cluster.major, vendor: expect.any(String) })
    if (!repository) return
    const configs = await plugin.discovery.sourceConfigs({ ...asNobody(), repository })
    const found = configs.find(({ dataDirectory }) => dataDirectory === cluster.data)
    expect(found).toMatchObject({ port: cluster.port, running: true, owner: "postgres", reason: expect.stringContaining("nobody"), action: expect.stringMatching(/local all "nobody" peer|CREATE ROLE "nobody"/) })
  })

  it("takes no offence at a file that is closed while it looks at what is open", () => {
    const script = 'set -Eeuo pipefail; source "$1"; timeout() { printf "/proc/1/fd/3 \\n/proc/1/fd/4 socket:[]\\n"; }; find_listeners; echo "listeners: ${#PORT_OF[@]}"'
    const { stdout, stderr } = spawnSync("bash", ["-c", script, "-", new URL("../scripts/installations.sh", import.meta.url).pathname], { encoding: "utf8" })
    expect({ stdout, stderr }).toEqual({ stdout: "listeners: 0\n", stderr: "" })
  })

  it("asks a cluster as its owner", async () => {
    await cluster.hba("local all all peer")
    await cluster.psql("create extension if not exists plpgsql; select pg_create_physical_replication_slot('standby')")
    const { sourceConfig } = await discover(host, cluster)
    expect(sourceConfig).toMatchObject({ replicationSlots: [{ name: "standby", type: "physical", active: false }], checksums: false, subscriptions: [] })
    expect(sourceConfig.reason).toBeUndefined()
    expect(sourceConfig.databases?.map(({ name }) => name)).toEqual(["postgres", "template0", "template1"])
  })

  it.skipIf(!existsSync(DEBIAN))("finds a stopped cluster where Debian puts its configuration", async () => {
    const [, data = ""] = /^data_directory = '(.*)'/m.exec(readFileSync(DEBIAN, "utf8")) ?? []
    const { repository } = await discover(host, cluster)
    const configs = await plugin.discovery.sourceConfigs({ ...host.call("discover"), repository })
    const found = configs.find(({ dataDirectory }) => dataDirectory === data)
    const stopped = { state: "shut down", reason: "It does not run.", systemIdentifier: expect.stringMatching(/^\d+$/) }
    expect(found).toMatchObject({ name: `main:${String(found?.port)}`, owner: "postgres", ...(found?.running === true ? {} : stopped) })
  })

  it("looks for traces past a private directory that can't be read, as when it is just being removed", async () => {
    const { repository } = await discover(host, cluster)
    const going = `/tmp/veneer-going${String(process.pid)}`
    mkdirSync(going)
    // A socket is there and readable, but can't be opened.
    const mark = createServer().listen(`${going}/engine`)
    await once(mark, "listening")
    try {
      await expect(plugin.discovery.traces?.({ ...host.call("discover"), repository, sourceConfigs: [] })).resolves.toEqual([])
    } finally {
      mark.close()
      rmSync(going, { recursive: true })
    }
  })
})
