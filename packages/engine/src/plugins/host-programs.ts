import { readFileSync } from "node:fs"
import type { HostPrograms } from "@veneer/sdk/contract"
import { shipped } from "../shipped.ts"

/** Reads the texts of our own programs that plugins' calls send to hosts. */
export const hostPrograms = (): HostPrograms => ({ files: textOf("files.sh"), powershell: textOf("powershell.ps1") })

const textOf = (name: string): string => readFileSync(shipped(name, `../../../shell/${name}`), "utf8")
