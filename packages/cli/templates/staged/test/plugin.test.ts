import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { localHost, pluginSuite } from "@veneer/testkit"
import { afterAll, beforeAll, expect } from "vitest"
import plugin from "../src/index.ts"

// What the plugin finds on this machine, and copies.
const source = `/tmp/template-id-${process.pid}`
beforeAll(() => {
  mkdirSync(source)
  writeFileSync(`${source}/.template-id`, "")
  writeFileSync(`${source}/greeting.txt`, "hello\n")
})
afterAll(() => rmSync(source, { recursive: true }))

const filesIn = (directory = "") => readdirSync(directory).sort()

// Every workflow as an engine would run it: each operation twice, and with a failure at every call.
pluginSuite(plugin, {
  host: localHost(),
  scripts: new URL("../scripts", import.meta.url),
  source: { repository: ({ root }) => root === "/tmp", sourceConfig: ({ directory }) => directory === source },
  watch: [source],
  verify: {
    afterLink: ({ snapshot }) => expect(snapshot).toEqual({ files: 2, bytes: 6 }),
    afterProvision: ({ mounts: [directory] }) => expect(filesIn(directory)).toEqual([".template-id", "greeting.txt"]),
    afterRefresh: ({ mounts: [directory] }) => expect(filesIn(directory)).toEqual([".template-id", "greeting.txt"]),
  },
})
