import { readdirSync } from "node:fs"
import { expect } from "vitest"
import { localHost, pluginSuite, scriptedHost } from "../src/index.ts"
import { makeNotes } from "./notes/plugin.ts"
import { scripts, useNotebooks } from "./notebooks.ts"

const root = useNotebooks()
const notesIn = (folder = "") => readdirSync(folder).filter((name) => name.endsWith(".txt"))

pluginSuite(makeNotes(root), {
  host: localHost(), scripts, watch: [root],
  parameters: { linkedSource: { password: "hunter2-and-more" }, snapshotParameters: { tag: "given" } },
  verify: {
    afterLink: ({ snapshot }) => expect(snapshot).toEqual({ notes: 2, published: true }),
    afterSync: ({ image }) => expect(notesIn(image)).toHaveLength(2),
    afterProvision: ({ mounts: [folder], sourceConfig }) => {
      expect(notesIn(folder)).toEqual(["monday.txt", "tuesday.txt"])
      expect(sourceConfig.port).toBeGreaterThan(0)
    },
    afterRefresh: ({ mounts: [folder] }) => expect(notesIn(folder)).toHaveLength(2),
  },
})

// A direct plugin, and a host without a machine.
pluginSuite({ ...makeNotes(root, { ingestion: "direct" }), id: "direct-notes" }, {
  host: localHost(), scripts, workflows: ["link", "sync", "resync", "provision", "dsource-delete"], faults: { kinds: ["after"], workflows: ["link", "resync"] },
  parameters: () => ({ linkedSource: { password: "hunter2-and-more" } }),
  verify: { afterLink: ({ mounts: [folder], snapshot }) => expect([notesIn(folder).length, snapshot]).toEqual([2, { notes: 2, published: true }]) },
})

let running = false
const host = scriptedHost({
  "find.sh": { notebooks: ["diary"] }, "ingest.sh": undefined, "count.sh": { notes: 2 }, "publish.sh": undefined,
  "start.sh": () => void (running = true), "stop.sh": () => void (running = false), "status.sh": () => ({ running }),
})
pluginSuite({ ...makeNotes("/notes"), id: "scripted-notes" }, { host, parameters: { linkedSource: { password: "hunter2-and-more" } } })
