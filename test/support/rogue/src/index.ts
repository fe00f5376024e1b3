// A plugin whose ingest goes wrong in the way its dSource asks for.
import { definePlugin, Type } from "@veneer/sdk"

const named = Type.Object({ name: Type.String() }, { identityFields: ["name"], nameField: "name" })
const nothing = Type.Object({})

const schemas = {
  repository: named, sourceConfig: named, virtualSource: nothing, snapshotParameters: nothing, snapshot: Type.Object({ at: Type.String() }),
  linkedSource: Type.Object({ how: Type.String() }),
}

const ingests: Record<string, () => unknown> = {
  well: () => undefined,
  throws: () => { throw new Error("out of order") },
  exits: () => process.exit(7),
  spins: () => { for (;;); },
}

// oxlint-disable-next-line import/no-default-export -- what the engine loads
export default definePlugin({
  id: "rogue", name: "Rogue", version: "1.0.0", buildNumber: "1", hostTypes: ["unix"], ingestion: "staged", schemas,
  discovery: { repositories: () => [{ name: "rogue" }], sourceConfigs: () => [{ name: "rogue" }], manualSourceConfigs: false },
  linked: {
    mountSpecification: () => ({ mounts: [{}] }),
    preSnapshot: ({ source, log }) => {
      log("about to")
      ingests[source.parameters.how]?.()
    },
    postSnapshot: () => ({ at: "now" }),
  },
  virtual: { mountSpecification: () => ({ mounts: [{}] }), configure: () => ({ name: "x" }), reconfigure: () => ({ name: "x" }), postSnapshot: () => ({ at: "now" }) },
})
