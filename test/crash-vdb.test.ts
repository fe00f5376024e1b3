import { expect } from "vitest"
import { succeeded } from "./support/engine.ts"
import { answers, BASE, crashMatrix, discard, ensure, exists } from "./support/crash.ts"

crashMatrix("a VDB's workflows", [
  {
    job: "provision", failAfter: "describe",
    arrange: ({ client }) => discard(client, "made"),
    act: async ({ client }) => (await client.provisionVdb({ body: { name: "made", from: BASE, parameters: {} } })).job,
    check: ({ client }) => answers(client, "made"),
  },
  {
    job: "refresh", failAfter: "configure",
    arrange: ({ client }) => ensure(client, "changed"),
    act: ({ client }) => client.refreshVdb({ params: { id: "changed" }, body: {} }),
    check: ({ client }) => answers(client, "changed"),
  },
  {
    job: "rewind", failAfter: "reconfigure",
    arrange: async ({ client }) => {
      await ensure(client, "changed")
      await succeeded(client, await client.snapshotVdb({ params: { id: "changed" } }))
    },
    act: ({ client }) => client.rewindVdb({ params: { id: "changed" }, body: {} }),
    check: ({ client }) => answers(client, "changed"),
  },
  {
    job: "delete",
    arrange: ({ client }) => ensure(client, "made"),
    act: ({ client }) => client.deleteVdb({ params: { id: "made" } }),
    check: async ({ client }) => expect(await exists(client, "made")).toBe(false),
  },
])
