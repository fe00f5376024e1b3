import { definePlugin } from "@veneer/sdk"
import { schemas } from "./schemas.ts"
import { unwritten } from "./unwritten.ts"

export default definePlugin({
  id: "template-id",
  name: "Template Name",
  version: "0.1.0",
  buildNumber: "1",
  hostTypes: ["unix"],
  ingestion: "staged",
  schemas,

  discovery: {
    // The software found on a host, and what each of it serves. Find out with run.script.
    repositories: () => [],
    sourceConfigs: () => [],
  },

  linked: {
    mountSpecification: () => ({ mounts: [{}] }),

    // The ingest: brings the mounted dataset up to date, or, on a resync, fills it from scratch.
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
