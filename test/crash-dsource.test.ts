import { expect } from "vitest"
import { succeeded } from "./support/engine.ts"
import { linkRequest } from "./support/estate.ts"
import { BASE, crashMatrix } from "./support/crash.ts"

crashMatrix("a dSource's workflows", [
  {
    job: "sync", failAfter: "publish",
    arrange: async () => undefined,
    act: ({ client }) => client.syncDsource({ params: { id: BASE }, body: { resync: false } }),
    check: async ({ client }) => expect((await client.listSnapshots({ query: { dsource: BASE, limit: 1 } })).items[0]?.state).toBe("published"),
  },
  {
    job: "link", failAfter: "publish",
    arrange: async ({ client }) => {
      const linked = await client.showDsource({ params: { id: "linked" } }).then(() => true, () => false)
      if (linked) await succeeded(client, await client.deleteDsource({ params: { id: "linked" } }))
    },
    act: async ({ client, server }) => (await client.linkDsource({ body: await linkRequest(client, server, "linked") })).job,
    check: async ({ client }) => expect((await client.showDsource({ params: { id: "linked" } })).state).toBe("active"),
  },
])
