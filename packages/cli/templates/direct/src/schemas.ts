import { Type } from "@veneer/sdk"

const mountPath = Type.String({ title: "Mount path", description: "Where the directory appears on the host; the engine chooses one unless told.", format: "unixpath" })

/** What the plugin knows and asks, each a JSON Schema of an object; types are inferred from them. */
export const schemas = {
  /** Software found on a host: here, a place below which directories are looked for. */
  repository: Type.Object({ root: Type.String({ title: "Root", format: "unixpath" }) }, { identityFields: ["root"], nameField: "root" }),

  /** One body of data that a repository serves: here, one directory. A VDB is one, too. */
  sourceConfig: Type.Object({ directory: Type.String({ title: "Directory", format: "unixpath" }) }, { identityFields: ["directory"], nameField: "directory" }),

  /** What is asked of a person who links a source. */
  linkedSource: Type.Object({
    exclude: Type.Array(Type.String(), { title: "Leave out", description: "Patterns of names, as rsync has them: *.tmp anywhere, /cache/ at the top.", default: [] }),
  }),

  /** What is asked of a person who provisions a VDB. */
  virtualSource: Type.Object({ mountPath: Type.Optional(mountPath) }),

  /** What is kept of a snapshot. */
  snapshot: Type.Object({ directory: Type.String({ title: "Copied from" }) }),

  /** What is asked of a person who syncs. */
  snapshotParameters: Type.Object({ resync: Type.Boolean({ title: "Start over", description: "Empty the copy first.", default: false }) }),
}
