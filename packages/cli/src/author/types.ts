import { execa } from "execa"
import { existsSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import type { Fault } from "./fault.ts"

/** What TypeScript says of a plugin, or why it was not asked. */
export interface TypeChecked {
  faults: Fault[]
  note?: string
}

/** Runs the plugin's own TypeScript over it; nothing is written. @param options.signal ends it early */
export async function checkTypes(directory: string, { signal }: { signal?: AbortSignal } = {}): Promise<TypeChecked> {
  const compiler = compilerOf(directory)
  if ("note" in compiler) return { faults: [], note: compiler.note }
  const argv = [compiler.path, "--noEmit", "--pretty", "false", "--project", "tsconfig.json"]
  const { stdout, exitCode } = await execa(process.execPath, argv, { cwd: directory, reject: false, stdin: "ignore", ...(signal && { cancelSignal: signal }) })
  const faults = typeFaults(stdout)
  if (exitCode !== 0 && faults.length === 0) return { faults: [{ place: "tsconfig.json", message: `TypeScript could not be run: ${stdout.trim()}`, mend: "Mend tsconfig.json." }] }
  return { faults }
}

/** Where the plugin's TypeScript is, or what it lacks. */
export function compilerOf(directory: string): { path: string } | { note: string } {
  if (!existsSync(join(directory, "tsconfig.json"))) return { note: "There is no tsconfig.json, so types were not checked." }
  try {
    return { path: join(dirname(createRequire(join(directory, "package.json")).resolve("typescript/package.json")), "bin/tsc") }
  } catch {
    return { note: "TypeScript is not installed beside the plugin, so types were not checked. Install it: npm install --save-dev typescript" }
  }
}

/** The errors in what the compiler printed; further lines of one belong to its message. */
export function typeFaults(printed: string): Fault[] {
  const faults: Fault[] = []
  for (const line of printed.split("\n")) {
    const [, file, row, column, text] = /^(?:(.+?)\((\d+),(\d+)\): )?error (TS\d+: .*)$/.exec(line) ?? []
    const last = faults.at(-1)
    if (text !== undefined) faults.push({ place: file === undefined ? "tsconfig.json" : `${file}:${row}:${column}`, message: text, mend: "Mend the code there." })
    else if (/^\s+\S/.test(line) && last) last.message += ` ${line.trim()}`
  }
  return faults
}
