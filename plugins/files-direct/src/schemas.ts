import { Type, type TypesOf } from "@veneer/sdk"

/** What the plugin knows and what it asks: six JSON Schemas, from which forms are drawn and types inferred. */
export const schemas = {
  /** The software that the data needs on a host. */
  repository: Type.Object({
    name: Type.String({ title: "Name" }),
    version: Type.String({ title: "Version" }),
  }, { title: "rsync", identityFields: ["name"], nameField: "name" }),

  /** One body of data: a directory that a person enters, or a VDB's. */
  sourceConfig: Type.Object({
    path: Type.String({ title: "Directory", description: "Absolute path of the directory on its host.", format: "unixpath" }),
  }, { title: "Directory", identityFields: ["path"], nameField: "path" }),

  /** What a person gives who links a directory. */
  linkedSource: Type.Object({
    osUser: Type.Optional(Type.String({ title: "OS user", description: "Who reads the directory. Left out: the environment's own user.", minLength: 1 })),
    exclude: Type.Array(Type.String({ minLength: 1 }), {
      title: "Left out", description: "Files that are not copied, as patterns of rsync's: *.tmp anywhere, /cache/ at the top only.", default: [],
    }),
  }, { title: "dSource", additionalProperties: false }),

  /** What a person gives who provisions a VDB. */
  virtualSource: Type.Object({
    mountLocation: Type.Optional(Type.String({ title: "Mount location", description: "Where the directory appears on the host. Left out: the engine chooses.", format: "unixpath" })),
  }, { title: "VDB", additionalProperties: false }),

  /** What is kept of each snapshot: nothing needs to be known. */
  snapshot: Type.Object({}),

  /** What a person gives who syncs. The engine itself empties the dataset for one that starts over. */
  snapshotParameters: Type.Object({
    resync: Type.Boolean({ title: "Start over", description: "Empty the copy first, then copy everything.", default: false }),
  }),
}

export type FilesTypes = TypesOf<typeof schemas>
