import { callOperation, localHost } from "@veneer/testkit"
import { afterAll, expect, test } from "vitest"
import plugin from "../src/index.ts"

const host = localHost()
afterAll(() => host.close())

// Once the operations are written, pluginSuite of @veneer/testkit runs every workflow on this machine instead.
test("discovery finds nothing yet", async () => {
  expect(await callOperation(plugin, "discovery.repositories", {}, { host })).toEqual([])
})
