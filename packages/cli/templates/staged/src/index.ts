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
  ingestion: "staged",
  schemas,

  discovery: {
    repositories: () => ROOTS.map((root) => ({ root })),

    sourceConfigs: async ({ run, connection, repository }) => {
      const { directories } = await run.script(connection, scripts.findDirectories, { ROOT: repository.root, MARKER })
      return directories.map((directory) => ({ directory }))
    },
  },

  linked: {
    mountSpecification: () => ({ mounts: [{}] }),

    // The ingest: brings the mounted dataset up to date, or, on a resync, fills it from scratch.
    preSnapshot: async ({ run, connection, source, sourceConfig, mounts, resync }) => {
      await run.detached(connection, scripts.copy, { SOURCE: sourceConfig.directory, MOUNT: mounts[0], FOLLOW_LINKS: source.parameters.followLinks, RESYNC: resync })
    },

    // Describes the storage snapshot that was just taken.
    postSnapshot: ({ run, connection, mounts }) => run.script(connection, scripts.describe, { DIRECTORY: mounts[0] }),
  },

  virtual: {
    mountSpecification: ({ source: { parameters } }) => ({ mounts: [parameters.mountPath === undefined ? {} : { path: parameters.mountPath }] }),

    // Makes a fresh clone usable and leaves it running. A directory has nothing to start.
    configure: ({ mounts }) => ({ directory: mounts[0] }),

    // The same VDB with its data back under it, after a rewind or an enable.
    reconfigure: ({ mounts }) => ({ directory: mounts[0] }),

    postSnapshot: ({ run, connection, mounts }) => run.script(connection, scripts.describe, { DIRECTORY: mounts[0] }),

    status: async ({ run, connection, mounts }) => {
      const { exitCode } = await run.exec(connection, ["test", "-e", `${mounts[0]}/${MARKER}`])
      if (exitCode === 0) return { state: "active" }
      return { state: "inactive", reason: `${mounts[0]} holds no ${MARKER}.`, action: "Enable the VDB, or rewind it to a snapshot that has the file." }
    },
  },
})
