import { definePlugin, type Connection, type LinkedCall } from "@veneer/sdk"
import { schemas, type FilesTypes } from "./schemas.ts"

/**
 * The plugin `files` with direct ingestion: the engine itself pulls the directory from its host, so there is no staging, no
 * mount to be filled and no script. Plugins share nothing but the SDK, which is why the two have some lines in common.
 */
// oxlint-disable-next-line import/no-default-export -- what the engine loads
export default definePlugin({
  id: "files-direct",
  name: "Files, pulled by the engine",
  version: "0.1.0",
  buildNumber: "1",
  hostTypes: ["unix"],
  ingestion: "direct",
  schemas,

  discovery: {
    async repositories({ run, connection }) {
      const { stdout } = await run.bash(connection, "rsync --version")
      const [, version] = /version (\S+)/.exec(stdout) ?? []
      return version === undefined ? [] : [{ name: "rsync", version }]
    },

    // Any directory may be a source, so none is guessed: a person enters it.
    sourceConfigs: () => [],
  },

  linked: {
    // The ingest. Only what came, changed or went is moved, except on a resync, for which the dataset is empty.
    async preSnapshot(call) {
      const { run, log, sourceConfig, source } = call
      const { files, bytes, deleted } = await run.sync(reader(call), sourceConfig.path, { delete: true, exclude: source.parameters.exclude })
      log(`Copied ${files} files of ${bytes} bytes, removed ${deleted}`)
    },

    postSnapshot: () => ({}),

    async sourceSize(call) {
      const { stdout } = await call.run.exec(reader(call), ["du", "--summarize", "--bytes", "--", `${call.sourceConfig.path}/`])
      return Number.parseInt(stdout, 10)
    },
  },

  // A directory can be used as soon as it is mounted: there is nothing to start, and so no start and no stop.
  virtual: {
    mountSpecification: ({ source: { parameters: { mountLocation } } }) => ({ mounts: [mountLocation === undefined ? {} : { path: mountLocation }] }),
    configure: ({ mounts }) => ({ path: mounts[0] }),
    reconfigure: ({ mounts }) => ({ path: mounts[0] }),
    initialize: ({ mounts }) => ({ path: mounts[0] }),
    postSnapshot: () => ({}),

    async status({ files, connection, mounts: [directory] }) {
      const facts = await files.stat(connection, directory)
      if (facts?.kind === "directory") return { state: "active" }
      return { state: "inactive", reason: `There is no directory ${directory} on ${connection.environment}.`, action: "Disable it, then enable it again." }
    },
  },
})

/** The source host, as the OS user who may read the directory. */
function reader({ connection, source }: LinkedCall<FilesTypes>): Connection {
  const { osUser } = source.parameters
  return osUser === undefined ? connection : connection.as(osUser)
}
