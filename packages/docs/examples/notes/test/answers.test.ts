import { UserError } from "@veneer/sdk"
import { callOperation, inTurn, localHost, recordedHost, scriptedHost } from "@veneer/testkit"
import { afterAll, expect, test } from "vitest"
import plugin from "../src/index.ts"

const input = {
  source: { id: "d1", name: "diary", parameters: { what: { type: "some", pattern: "*.md" }, skipLarge: false, largestMiB: 10 } },
  repository: { root: "/srv" }, sourceConfig: { directory: "/srv/diary" }, mounts: ["/mnt/d1"], resync: false,
}

test("a copy without notes says so", async () => {
  const host = scriptedHost({ "copy.sh": inTurn({ copied: 2 }, { copied: 0 }) })
  await callOperation(plugin, "linked.preSnapshot", input, { host })
  const failing = callOperation(plugin, "linked.preSnapshot", input, { host })
  await expect(failing).rejects.toThrow(UserError)
  await expect(failing).rejects.toMatchObject({ code: "no_notes", message: "No note in /srv/diary is called *.md." })
  expect(host.calls).toHaveLength(2)
  expect(host.calls.at(-1)?.variables).toEqual({ SOURCE: "/srv/diary", MOUNT: "/mnt/d1", PATTERN: "*.md", RESYNC: false })
})

const host = recordedHost(new URL("./recordings/find.json", import.meta.url), { from: localHost })
afterAll(() => host.close())

test("directories with a mark are found", async () => {
  const scripts = new URL("../scripts", import.meta.url)
  const found = await callOperation(plugin, "discovery.sourceConfigs", { repository: { root: "/srv/examples" } }, { host, scripts })
  expect(found).toEqual([{ directory: "/srv/examples/diary" }])
})
