import { definePlugin } from "@veneer/sdk"
import { howItIs, rsyncOn, sizeOf } from "./host.ts"
import { ingest } from "./ingest.ts"
import { schemas } from "./schemas.ts"

// oxlint-disable-next-line import/no-default-export -- what the engine loads
export default definePlugin({
  id: "files",
  name: "Files",
  version: "0.1.0",
  buildNumber: "1",
  hostTypes: ["unix"],
  ingestion: "staged",
  schemas,

  discovery: {
    repositories: rsyncOn,

    // Any directory may be a source, so none is guessed: a person enters it.
    sourceConfigs: () => [],
  },

  linked: {
    mountSpecification: ({ source }) => ({ mounts: [at(source.parameters.mountLocation)] }),
    preSnapshot: ingest,
    postSnapshot: () => ({}),
    status: howItIs,
  },

  // A directory can be used as soon as it is mounted: there is nothing to start, and so no start and no stop.
  virtual: {
    mountSpecification: ({ source }) => ({ mounts: [at(source.parameters.mountLocation)] }),
    configure: ({ mounts }) => ({ path: mounts[0] }),
    reconfigure: ({ mounts }) => ({ path: mounts[0] }),
    initialize: ({ mounts }) => ({ path: mounts[0] }),
    postSnapshot: () => ({}),
    status: howItIs,
    sourceSize: sizeOf,
  },
})

/** One mount: the whole dataset, at the path asked for or one that the engine chooses. */
const at = (path: string | undefined) => (path === undefined ? {} : { path })
