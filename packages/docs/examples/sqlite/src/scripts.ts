import { script, Type } from "@veneer/sdk"
import { schemas } from "./schemas.ts"

export const find = script({ file: "find.sh", variables: { ROOTS: "string" }, output: Type.Object({ files: Type.Array(Type.String()) }) })

export const copy = script({ file: "copy.sh", variables: { SOURCE: "string", MOUNT: "string", CHECK: "boolean" } })

export const describe = script({ file: "describe.sh", variables: { MOUNT: "string" }, output: schemas.snapshot })
