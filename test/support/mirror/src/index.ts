// A plugin with direct ingestion: a directory tree, pulled by the engine.
import { definePlugin, Type } from "@veneer/sdk"

const named = Type.Object({ name: Type.String() }, { identityFields: ["name"], nameField: "name" })

const schemas = {
  repository: named, sourceConfig: named, snapshotParameters: Type.Object({ fail: Type.Optional(Type.Boolean()) }),
  virtualSource: Type.Object({ mount: Type.Optional(Type.String({ format: "unixpath" })) }),
  linkedSource: Type.Object({
    path: Type.String({ format: "unixpath" }), user: Type.Optional(Type.String()), to: Type.Optional(Type.String()), exclude: Type.Array(Type.String(), { default: [] }),
  }),
  snapshot: Type.Object({ how: Type.String(), published: Type.Optional(Type.Boolean()) }),
}

// oxlint-disable-next-line import/no-default-export -- what the engine loads
export default definePlugin({
  id: "mirror", name: "Mirror", version: "1.0.0", buildNumber: "1", hostTypes: ["unix"], ingestion: "direct", schemas,
  discovery: { repositories: () => [{ name: "files" }], sourceConfigs: () => [{ name: "tree" }] },
  linked: {
    async preSnapshot({ source, connection, run, log, snapshotParameters }) {
      const { path, user, to, exclude } = source.parameters
      const moved = await run.sync(user === undefined ? connection : connection.as(user), path, { delete: true, exclude, ...(to !== undefined && { to }) })
      log(`moved ${JSON.stringify(moved)}`)
      if (snapshotParameters?.fail === true) throw new Error("told to fail")
    },
    postSnapshot: ({ resync }) => ({ how: resync ? "anew" : "more" }),
    // On a clone, mounted where the connection reaches it.
    async publish({ run, connection, mounts: [mount] }) {
      await run.exec(connection, ["touch", `${mount}/published`], { check: true })
      return { published: true }
    },
    async sourceSize({ source, connection, run }) {
      const { stdout } = await run.exec(connection, ["du", "--summarize", "--bytes", source.parameters.path], { check: true })
      return Number.parseInt(stdout, 10)
    },
  },
  virtual: {
    mountSpecification: ({ source: { parameters: { mount } } }) => ({ mounts: [mount === undefined ? {} : { path: mount }] }),
    configure: ({ source }) => ({ name: source.name }),
    reconfigure: ({ sourceConfig }) => sourceConfig,
    postSnapshot: () => ({ how: "vdb" }),
  },
})
