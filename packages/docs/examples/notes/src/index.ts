import { definePlugin, UserError } from "@veneer/sdk"
import { schemas } from "./schemas.ts"
import * as scripts from "./scripts.ts"

export default definePlugin({
  id: "notes",
  name: "Notes",
  version: "1.0.0",
  buildNumber: "1",
  hostTypes: ["unix"],
  ingestion: "staged",
  schemas,

  discovery: {
    repositories: () => [{ root: "/srv" }, { root: "/tmp" }],
    sourceConfigs: async ({ run, connection, repository }) => {
      const { directories } = await run.script(connection, scripts.find, { ROOT: repository.root })
      return directories.map((directory) => ({ directory }))
    },
  },

  linked: {
    mountSpecification: () => ({ mounts: [{}] }),

    preSnapshot: async ({ run, connection, source: { parameters }, sourceConfig, mounts, resync, log }) => {
      const { what, skipLarge, largestMiB } = parameters
      const { copied } = await run.script(connection, scripts.copy, {
        SOURCE: sourceConfig.directory, MOUNT: mounts[0], RESYNC: resync,
        PATTERN: what.type === "some" ? what.pattern : undefined,
        LARGEST_MIB: skipLarge ? largestMiB : undefined,
      })
      log(`${copied} notes fit`)
      if (copied > 0 || what.type === "all") return
      throw new UserError(`No note in ${sourceConfig.directory} is called ${what.pattern}.`, {
        code: "no_notes",
        action: "Link it with another pattern, or with every note.",
      })
    },

    postSnapshot: ({ run, connection, mounts }) => run.script(connection, scripts.count, { DIRECTORY: mounts[0] }),
  },

  virtual: {
    mountSpecification: ({ source: { parameters } }) => ({ mounts: [parameters.mountPath === undefined ? {} : { path: parameters.mountPath }] }),
    configure: ({ mounts }) => ({ directory: mounts[0] }),
    reconfigure: ({ mounts }) => ({ directory: mounts[0] }),
    postSnapshot: ({ run, connection, mounts }) => run.script(connection, scripts.count, { DIRECTORY: mounts[0] }),
  },
})
