import { localHost, pluginSuite } from "@veneer/testkit"
import { afterAll, beforeAll, describe, expect } from "vitest"
import plugin from "../src/index.ts"
import type { SourceConfig } from "../src/schemas.ts"
import { makeCluster, psql, type Cluster } from "./cluster.ts"
import { testHost, whyNot, type TestHost } from "./host.ts"

const reason = whyNot()
const REPLICATOR = { username: "suite", password: "suite's pa:ss\\word" }

/** The scripts that change most. A fault of each kind at each call of each workflow would take half an hour. */
const DEAR = ["ingest.sh", "publish.sh", "configure.sh", "stop.sh", "drop-slot.sh"]

describe.skipIf(reason !== undefined)(`the contract's promises${reason === undefined ? "" : ` (${reason})`}`, () => {
  let host: TestHost
  let cluster: Cluster
  beforeAll(async () => {
    host = testHost()
    cluster = await makeCluster(host, "suite", [], "max_replication_slots=8")
    await cluster.psql(`create role suite login replication password '${REPLICATOR.password.replaceAll("'", "''")}'; create table t as select generate_series(1, 1000) as id`)
    await cluster.hba("host all all 127.0.0.1/32 scram-sha-256", "host replication all 127.0.0.1/32 scram-sha-256")
  })
  afterAll(async () => {
    await cluster.stop()
    host.remove()
  })

  const rows = async ({ host: address, port, user = "", password, database = "" }: SourceConfig) =>
    psql(cluster.bin, { PGHOST: address, PGPORT: String(port), PGUSER: user, PGPASSWORD: password?.reveal() ?? "", PGDATABASE: database }, "select count(*) from t")

  pluginSuite(plugin, {
    host: localHost(),
    scripts: new URL("../scripts", import.meta.url),
    source: { repository: ({ binDirectory }) => binDirectory === cluster.bin, sourceConfig: ({ dataDirectory }) => dataDirectory === cluster.data },
    parameters: () => ({ linkedSource: { method: { type: "streaming", host: "127.0.0.1", ...REPLICATOR } } }),
    verify: {
      afterLink: ({ snapshot }) => expect(snapshot).toMatchObject({ verified: true, cleanShutdown: true }),
      afterProvision: async ({ sourceConfig }) => expect(await rows(sourceConfig)).toBe("1000"),
      afterEnable: async ({ sourceConfig }) => expect(await rows(sourceConfig)).toBe("1000"),
      afterRewind: async ({ sourceConfig }) => expect(await rows(sourceConfig)).toBe("1000"),
      afterRefresh: async ({ sourceConfig }) => expect(await rows(sourceConfig)).toBe("1000"),
    },
    faults: {
      kinds: ["cancelled"], workflows: ["link", "provision", "refresh", "delete", "dsource-delete"],
      at: ({ params }) => DEAR.includes(String(params["file"])),
    },
  })
})
