import { definePlugin } from "@veneer/sdk"
import { schemas } from "./schemas.ts"
import * as scripts from "./scripts.ts"

/** A directory is a source when it holds a file of this name, at most two levels below one of the roots. */
const MARKER = ".template-id"
const ROOTS = ["/srv", "/var/tmp", "/tmp"]

export default definePlugin({
  id: "template-id",
  name: "Template Name",
  version: "0.1.0",
  buildNumber: "1",
  hostTypes: ["unix"],
  ingestion: "direct",
  schemas,

  discovery: {
    repositories: () => ROOTS.map((root) => ({ root })),

    sourceConfigs: async ({ run, connection, repository }) => {
      const { directories } = await run.script(connection, scripts.findDirectories, { ROOT: repository.root, MARKER })
      return directories.map((directory) => ({ directory }))
    },
  },

  linked: {
    // The ingest: the engine brings the dataset up to date. On a resync, as on the first ingestion, it begins empty.
    preSnapshot: async ({ run, connection, source, sourceConfig, log }) => {
      const { files, bytes, deleted } = await run.sync(connection, sourceConfig.directory, { exclude: source.parameters.exclude, delete: true })
      log(`${files} files copied (${bytes} bytes), ${deleted} removed`)
    },

    // Describes the storage snapshot that was just taken.
    postSnapshot: ({ sourceConfig }) => ({ directory: sourceConfig.directory }),
  },

  virtual: {
    mountSpecification: ({ source: { parameters } }) => ({ mounts: [parameters.mountPath === undefined ? {} : { path: parameters.mountPath }] }),

    // Makes a fresh clone usable and leaves it running. A directory has nothing to start.
    configure: ({ mounts }) => ({ directory: mounts[0] }),

    // The same VDB with its data back under it, after a rewind or an enable.
    reconfigure: ({ mounts }) => ({ directory: mounts[0] }),

    postSnapshot: ({ mounts }) => ({ directory: mounts[0] }),

    status: async ({ run, connection, mounts }) => {
      const { exitCode } = await run.exec(connection, ["test", "-e", `${mounts[0]}/${MARKER}`])
      if (exitCode === 0) return { state: "active" }
      return { state: "inactive", reason: `${mounts[0]} holds no ${MARKER}.`, action: "Enable the VDB, or rewind it to a snapshot that has the file." }
    },
  },
})
