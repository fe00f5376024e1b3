import { script, Type } from "@veneer/sdk"
import { schemas } from "./schemas.ts"

export const find = script({
  file: "find.sh",
  variables: { ROOT: "string" },
  output: Type.Object({ directories: Type.Array(Type.String()) }),
})

export const copy = script({
  file: "copy.sh",
  variables: { SOURCE: "string", MOUNT: "string", PATTERN: "string?", LARGEST_MIB: "integer?", RESYNC: "boolean" },
  output: Type.Object({ copied: Type.Integer() }),
})

export const count = script({ file: "count.sh", variables: { DIRECTORY: "string" }, output: schemas.snapshot })
