import { script, Type } from "@veneer/sdk"
import { schemas } from "./schemas.ts"

/** What runs on hosts: `scripts/*.sh`, each with what goes in and the JSON document that comes out. */
export const findDirectories = script({
  file: "find-directories.sh",
  variables: { ROOT: "string", MARKER: "string" },
  output: Type.Object({ directories: Type.Array(Type.String()) }),
})

export const copy = script({ file: "copy.sh", variables: { SOURCE: "string", MOUNT: "string", FOLLOW_LINKS: "boolean", RESYNC: "boolean" }, output: Type.Object({}) })

export const describe = script({ file: "describe.sh", variables: { DIRECTORY: "string" }, output: schemas.snapshot })
