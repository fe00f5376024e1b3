import { Type } from "@veneer/sdk"

const mountPath = Type.String({ title: "Mount path", description: "Where the database's directory appears on the host; the engine chooses one unless told.", format: "unixpath" })

/** What the plugin knows and asks, each a JSON Schema of an object; types are inferred from them. */
export const schemas = {
  /** The program `sqlite3`, of which a host has one or none. */
  repository: Type.Object({ name: Type.String(), version: Type.String({ title: "Version" }) }, { identityFields: ["name"], nameField: "name" }),

  /** One database file. A VDB is one, too. */
  sourceConfig: Type.Object({ file: Type.String({ title: "File", format: "unixpath" }) }, { identityFields: ["file"], nameField: "file", access: { command: ["sqlite3", "{file}"] } }),

  /** What is asked of a person who links a database. */
  linkedSource: Type.Object({
    check: Type.Boolean({ title: "Check the copy", description: "Reads all of it after each sync, and takes no snapshot of a damaged one.", default: true }),
  }),

  /** What is asked of a person who provisions a VDB. */
  virtualSource: Type.Object({
    mountPath: Type.Optional(mountPath),
    owner: Type.Optional(Type.String({ title: "OS user", description: "Whose it is on the host; the engine's own unless told.", pattern: "^[a-z_][a-z0-9_-]*$", messages: { pattern: "must be the name of an OS user" } })),
  }),

  /** What is kept of a snapshot. */
  snapshot: Type.Object({ tables: Type.Integer({ title: "Tables" }), bytes: Type.Integer({ title: "Bytes" }) }),

  /** What is asked of a person who syncs. Each sync copies all of it, so there is nothing to start over. */
  snapshotParameters: Type.Object({}),
}
