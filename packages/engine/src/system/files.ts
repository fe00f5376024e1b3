import { rmdirSync } from "node:fs"
import { open, readdir } from "node:fs/promises"
import { type Code, EngineError } from "../errors.ts"

/** Removes a directory unless something is in it, or it is no directory at all; says whether it did. */
export function removeIfEmpty(path: string): boolean {
  try {
    rmdirSync(path)
    return true
  } catch {
    return false
  }
}

/** What is in a folder; nothing if it has gone, as it may while its parent is read. */
export async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    if (systemCode(error) === "ENOENT") return []
    throw error
  }
}

/** Makes a new or renamed entry outlast a crash of the machine, as the job's record of it does. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

const CODES: Record<string, Code> = {
  ENOSPC: "pool_full",
  EDQUOT: "pool_full",
  EACCES: "not_permitted",
  EPERM: "not_permitted",
  EIO: "pool_unavailable",
  EROFS: "pool_unavailable",
}

/** What the file system refuses as an error of the catalogue; any other error as it is. */
export function inOurWords(error: unknown): unknown {
  const code = CODES[systemCode(error) ?? ""]
  if (code === undefined || error instanceof EngineError) return error
  return new EngineError(code, error instanceof Error ? error.message : String(error), { cause: error })
}

/** The system's name for what went wrong, as `ENOENT`. */
export const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined
