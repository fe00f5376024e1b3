import { mkdir, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { runProcess } from "./process.ts"

/** Where files are written that get their name only when they are whole: in the directory they are for. */
export const TEMPORARY = ".veneer-sync"

const BILLION = 1_000_000_000n

/** Makes a folder for half-written files, also where a dead engine left one, and takes it away without a trace. */
export async function withTemporary<T>(to: string, env: Readonly<Record<string, string>>, body: () => Promise<T>): Promise<T> {
  const folder = join(to, TEMPORARY)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { mode: 0o700 })
  try {
    return await body()
  } finally {
    const { mtimeNs } = await stat(to, { bigint: true })
    await rm(folder, { recursive: true, force: true })
    const time = `@${mtimeNs / BILLION}.${String(mtimeNs % BILLION).padStart(9, "0")}`
    await runProcess({ argv: ["touch", `--date=${time}`, "--", to], env, cwd: "/" })
  }
}
