import { cpSync, existsSync, readdirSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { dirname, join } from "node:path"
import { programPath } from "./programs.ts"

/** Paths of a plugin's scripts below their folder. */
export function scriptsIn(folder: string | undefined): string[] {
  if (folder === undefined || !existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".sh") && name !== "lib.sh").sort()
}

/** Lays scripts out as an artifact does: the script library beside them. */
export async function layOut(folder: string, target: string): Promise<void> {
  const scripts = join(target, "scripts")
  await mkdir(scripts, { recursive: true })
  for (const name of scriptsIn(folder)) {
    await mkdir(dirname(join(scripts, name)), { recursive: true })
    cpSync(join(folder, name), join(scripts, name))
  }
  cpSync(programPath("lib.sh"), join(scripts, "lib.sh"))
}
