import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { HostPrograms } from "@veneer/sdk/contract"

/** Absolute path of a program of Veneer's own: in the package, or in the repository it is built in. */
export function programPath(name: string): string {
  const places = [`../${name}`, `../../../../shell/${name}`].map((path) => fileURLToPath(new URL(path, import.meta.url)))
  const found = places.find((path) => existsSync(path))
  if (found === undefined) throw new Error(`${name} is missing from the package @veneer/testkit: install it again.`)
  return found
}

/** Texts of the programs that calls of plugins send to hosts. */
export const hostPrograms = (): HostPrograms => ({ files: readFileSync(programPath("files.sh"), "utf8"), powershell: readFileSync(programPath("powershell.ps1"), "utf8") })
