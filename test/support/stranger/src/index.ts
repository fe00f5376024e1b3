import { definePlugin, script, secret, Type, UserError } from "@veneer/sdk"

const schemas = {
  repository: Type.Object({ name: Type.String() }, { identityFields: ["name"], nameField: "name" }),
  sourceConfig: Type.Object({ folder: Type.String({ format: "unixpath" }) }, { identityFields: ["folder"], nameField: "folder" }),
  linkedSource: Type.Object({ password: secret({ title: "Password" }) }),
  virtualSource: Type.Object({}),
  snapshot: Type.Object({ pages: Type.Integer() }),
  snapshotParameters: Type.Object({ resync: Type.Optional(Type.Boolean()) }),
}

const find = script({ file: "find.sh", variables: {}, output: Type.Object({ folders: Type.Array(Type.String()) }) })
const copy = script({ file: "copy.sh", variables: { FROM: "string", MOUNT: "string", PASSWORD: "secret" }, output: Type.Object({ pages: Type.Integer() }) })

// oxlint-disable-next-line import/no-default-export -- what the engine loads
export default definePlugin({
  id: "ledger", name: "Ledger", version: "1.0.0", buildNumber: "1", hostTypes: ["unix"], ingestion: "staged", schemas,
  discovery: {
    repositories: () => [{ name: "ledgers" }],
    sourceConfigs: async ({ run, connection }) => (await run.script(connection, find, {})).folders.map((folder) => ({ folder })),
  },
  linked: {
    mountSpecification: () => ({ mounts: [{}] }),
    async preSnapshot({ run, connection, source, sourceConfig, mounts }) {
      const { pages } = await run.detached(connection, copy, { FROM: sourceConfig.folder, MOUNT: mounts[0], PASSWORD: source.parameters.password })
      if (pages === 0) throw new UserError(`There is nothing in ${sourceConfig.folder}.`, { code: "ledger_empty", action: "Write something into it first." })
    },
    async postSnapshot({ files, connection, mounts }) {
      return { pages: Number(await files.read(connection, `${mounts[0]}/pages`)) }
    },
  },
  virtual: {
    mountSpecification: () => ({ mounts: [{}] }),
    configure: ({ mounts }) => ({ folder: mounts[0] }),
    reconfigure: ({ mounts }) => ({ folder: mounts[0] }),
    postSnapshot: () => ({ pages: 0 }),
  },
})
