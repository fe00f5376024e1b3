import { Type, union } from "@veneer/sdk"

const mountPath = Type.String({ title: "Mount path", description: "Where the notes appear on the host; the engine chooses one unless told.", format: "unixpath" })

/** What the plugin knows and asks, each a JSON Schema of an object; types are inferred from them. */
export const schemas = {
  repository: Type.Object({ root: Type.String({ title: "Root", format: "unixpath" }) }, { identityFields: ["root"], nameField: "root" }),

  sourceConfig: Type.Object({ directory: Type.String({ title: "Directory", format: "unixpath" }) }, { identityFields: ["directory"], nameField: "directory" }),

  linkedSource: Type.Object({
    what: union("type", {
      all: Type.Object({}, { title: "Every note" }),
      some: Type.Object({
        pattern: Type.String({ title: "Names", description: "A pattern such as *.md", pattern: "^[^/]+$", messages: { pattern: "has to be a name without slashes, such as *.md" } }),
      }, { title: "Some notes" }),
    }, { title: "What is copied", default: { type: "all" } }),
    skipLarge: Type.Boolean({ title: "Leave out large ones", default: false }),
    largestMiB: Type.Integer({ title: "Largest, in MiB", minimum: 1, default: 10, hiddenWhen: { skipLarge: false } }),
  }),

  virtualSource: Type.Object({ mountPath: Type.Optional(mountPath) }),

  snapshot: Type.Object({ notes: Type.Integer({ title: "Notes" }) }),

  snapshotParameters: Type.Object({ resync: Type.Boolean({ title: "Start over", description: "Empty the copy first.", default: false }) }),
}
