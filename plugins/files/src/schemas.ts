import { Type, type TypesOf } from "@veneer/sdk"

const mountLocation = (description: string) => Type.Optional(Type.String({ title: "Mount location", description, format: "unixpath" }))

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

  /** What a person gives who links a directory. Neither a name nor a path may look like an option of ssh's, or be more than one word. */
  linkedSource: Type.Object({
    sourceAddress: Type.String({
      title: "Source address",
      description: "Host name or address at which the staging host reaches the source by SSH; localhost where both are one host, which needs no SSH.",
      maxLength: 253, pattern: "^[A-Za-z0-9:][A-Za-z0-9._:-]*$", messages: { pattern: "must be a host name or an address" },
    }),
    username: Type.Optional(Type.String({
      title: "User name",
      description: "Who the staging host logs in as on the source, with a key and no password. Left out: as SSH would have it, mostly the staging user's own name.",
      maxLength: 32, pattern: "^[A-Za-z0-9_][A-Za-z0-9._-]*$", messages: { pattern: "must be the name of an OS user" },
    })),
    port: Type.Optional(Type.Integer({ title: "SSH port", description: "Left out: as SSH would have it, mostly 22. Given, SSH is used for localhost, too.", minimum: 1, maximum: 65535 })),
    sshConfig: Type.Optional(Type.String({
      title: "SSH configuration",
      description: "A file on the staging host that SSH reads instead of the staging user's own configuration: for a key, known hosts or a jump host of its own.",
      format: "unixpath", pattern: "^[^\\s'\"]*$", messages: { pattern: "must be without spaces and quotes" },
    })),
    mountLocation: mountLocation("Where the copy is mounted on the staging host. Left out: the engine chooses."),
  }, { title: "dSource", additionalProperties: false }),

  /** What a person gives who provisions a VDB. */
  virtualSource: Type.Object({
    mountLocation: mountLocation("Where the directory appears on the host. Left out: the engine chooses."),
  }, { title: "VDB", additionalProperties: false }),

  /** What is kept of each snapshot: nothing needs to be known. */
  snapshot: Type.Object({}),

  /** What a person gives who syncs. */
  snapshotParameters: Type.Object({
    resync: Type.Boolean({ title: "Start over", description: "Empty the copy first, then copy everything.", default: false }),
  }),
}

export type FilesTypes = TypesOf<typeof schemas>
