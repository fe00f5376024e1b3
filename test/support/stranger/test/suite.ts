import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { callOperation, inTurn, localHost, pluginSuite, scriptedHost } from "@veneer/testkit"
import { afterAll, expect, it } from "vitest"
import plugin from "../src/index.ts"

const folder = mkdtempSync("/tmp/ledger-")
writeFileSync(`${folder}/first.txt`, "one\n")
afterAll(() => rmSync(folder, { recursive: true }))

pluginSuite(plugin, {
  host: localHost(),
  scripts: new URL("../scripts", import.meta.url),
  source: { sourceConfig: (found) => found.folder === folder },
  parameters: { linkedSource: { password: "a-password" } },
  verify: {
    afterLink: ({ snapshot }) => expect(snapshot.pages).toBe(1),
    afterProvision: ({ mounts: [mount = ""] }) => expect(readdirSync(mount)).toContain("first.txt"),
  },
})

it("discovers what the script finds", async () => {
  const host = scriptedHost({ "find.sh": inTurn({ folders: ["/ledgers/a"] }, { folders: [] }) })
  const ask = () => callOperation(plugin, "discovery.sourceConfigs", { repository: { name: "ledgers" } }, { host })
  expect(await ask()).toEqual([{ folder: "/ledgers/a" }])
  expect(await ask()).toEqual([])
  expect(host.calls).toHaveLength(2)
})
