import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { localHost, pluginSuite } from "@veneer/testkit"
import { afterAll, expect } from "vitest"
import plugin from "../src/index.ts"

const source = mkdtempSync("/tmp/notes-")
for (const name of [".notes", "monday.md", "tuesday.md", "draft.txt"]) writeFileSync(`${source}/${name}`, name)
afterAll(() => rmSync(source, { recursive: true }))

const notesIn = (directory = "") => readdirSync(directory).sort()

pluginSuite(plugin, {
  host: localHost(),
  scripts: new URL("../scripts", import.meta.url),
  source: { repository: ({ root }) => root === "/tmp", sourceConfig: ({ directory }) => directory === source },
  parameters: { linkedSource: { what: { type: "some", pattern: "*.md" } } },
  watch: [source],
  verify: {
    afterLink: ({ snapshot }) => expect(snapshot).toEqual({ notes: 2 }),
    afterProvision: ({ mounts: [directory] }) => expect(notesIn(directory)).toEqual(["monday.md", "tuesday.md"]),
    afterRefresh: ({ mounts: [directory] }) => expect(notesIn(directory)).toEqual(["monday.md", "tuesday.md"]),
  },
})
