import { definePlugin } from "@veneer/sdk"
import { schemas } from "./schemas.ts"
import { unwritten } from "./unwritten.ts"

export default definePlugin({
  id: "template-id",
  name: "Template Name",
  version: "0.1.0",
  buildNumber: "1",
  hostTypes: ["unix"],
  ingestion: "direct",
  schemas,

  discovery: {
    // The software found on a host, and what each of it serves. Find out with run.script.
    repositories: () => [],
    sourceConfigs: () => [],
  },

  linked: {
    // The ingest: run.sync brings the dataset up to date. On a resync, as on the first ingestion, it begins empty.
    preSnapshot: () => unwritten("linked.preSnapshot"),

    // Describes the storage snapshot that was just taken.
    postSnapshot: () => unwritten("linked.postSnapshot"),
  },

  virtual: {
    mountSpecification: () => ({ mounts: [{}] }),

    // Makes a fresh clone usable and leaves it running.
    configure: () => unwritten("virtual.configure"),

    // The same VDB with its data back under it, after a rewind or an enable.
    reconfigure: () => unwritten("virtual.reconfigure"),

    postSnapshot: () => unwritten("virtual.postSnapshot"),
  },
})
