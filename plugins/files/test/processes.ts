import { readdirSync, readFileSync } from "node:fs"

/** The command lines in which a path occurs. */
export const processesNaming = (path: string): string[] =>
  readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map((pid) => readIfThere(`/proc/${pid}/cmdline`)).filter((line) => line.includes(path))

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}
