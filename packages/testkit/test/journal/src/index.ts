import { definePlugin, script, Type } from "@veneer/sdk"

const copy = script({ file: "copy.sh", variables: { FROM: "string", MOUNT: "string" } })

// oxlint-disable-next-line import/no-default-export -- what the engine loads
export default definePlugin({
  id: "journal", name: "Journal", version: "1.0.0", buildNumber: "1", hostTypes: ["unix"], ingestion: "staged",
  schemas: {
    repository: Type.Object({ name: Type.String() }, { identityFields: ["name"], nameField: "name" }),
    sourceConfig: Type.Object({ folder: Type.String() }, { identityFields: ["folder"], nameField: "folder" }),
    linkedSource: Type.Object({}), virtualSource: Type.Object({}), snapshot: Type.Object({}), snapshotParameters: Type.Object({ resync: Type.Optional(Type.Boolean()) }),
  },
  discovery: { repositories: () => [{ name: "journals" }], sourceConfigs: async ({ run, connection }) => (await run.bash(connection, "shopt -s nullglob; printf '%s\\n' /tmp/journal-*")).stdout.split("\n").filter(Boolean).map((folder) => ({ folder })) },
  linked: {
    mountSpecification: () => ({ mounts: [{}] }),
    async preSnapshot({ run, connection, sourceConfig, mounts }) {
      await run.script(connection, copy, { FROM: sourceConfig.folder, MOUNT: mounts[0] })
    },
    postSnapshot: () => ({}),
  },
  virtual: {
    mountSpecification: () => ({ mounts: [{}] }),
    configure: ({ mounts }) => ({ folder: mounts[0] }), reconfigure: ({ mounts }) => ({ folder: mounts[0] }), postSnapshot: () => ({}),
  },
})
