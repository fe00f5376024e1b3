// A plugin whose ingest goes wrong in the way its dSource asks for.
import { definePlugin, Type, type Call, type Connection } from "@veneer/sdk"
import { writeSync } from "node:fs"
import { excesses } from "./excesses.ts"
import { trespasses } from "./trespasses.ts"

const named = Type.Object({ name: Type.String() }, { identityFields: ["name"], nameField: "name" })
const nothing = Type.Object({})

const schemas = {
  repository: named, sourceConfig: named, virtualSource: nothing, snapshotParameters: nothing, snapshot: Type.Object({ at: Type.String() }),
  linkedSource: Type.Object({ how: Type.String(), text: Type.String({ default: "" }) }),
}

const ingests: Record<string, (call: Call & { connection: Connection; source: { parameters: { text: string } } }) => unknown> = {
  ...excesses, ...trespasses,
  well: () => undefined,
  throws: () => { throw new Error("out of order") },
  exits: () => process.exit(7),
  spins: () => { for (;;); },
  waits: () => new Promise(() => {}),
  aborts: () => process.abort(),
  "throws in a timer": () => new Promise(() => setTimeout(() => { throw new Error("out of time") }, 1)),
  "writes garbage": () => { writeSync(3, "no json\n"); return new Promise(() => {}) },
  "writes nonsense": () => { writeSync(3, `{"type":"ended"}\n`); return new Promise(() => {}) },
}

// oxlint-disable-next-line import/no-default-export -- what the engine loads
export default definePlugin({
  id: "rogue", name: "Rogue", version: "1.0.0", buildNumber: "1", hostTypes: ["unix"], ingestion: "staged", schemas,
  discovery: { repositories: () => [{ name: "rogue" }], sourceConfigs: () => [{ name: "rogue" }], manualSourceConfigs: false },
  linked: {
    mountSpecification: () => ({ mounts: [{}] }),
    preSnapshot: async (call) => {
      call.log("about to")
      // What it returns is for nobody, and sent all the same.
      return (await ingests[call.source.parameters.how]?.(call)) as undefined
    },
    worker: () => new Promise(() => {}),
    postSnapshot: () => ({ at: "now" }),
  },
  virtual: { mountSpecification: () => ({ mounts: [{}] }), configure: () => ({ name: "x" }), reconfigure: () => ({ name: "x" }), postSnapshot: () => ({ at: "now" }) },
})
