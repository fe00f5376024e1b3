import { script, Type } from "@veneer/sdk"

/** What runs on hosts: `scripts/*.sh`, each with what goes in and the JSON document that comes out. */
export const findDirectories = script({
  file: "find-directories.sh",
  variables: { ROOT: "string", MARKER: "string" },
  output: Type.Object({ directories: Type.Array(Type.String()) }),
})
