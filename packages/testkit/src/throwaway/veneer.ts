import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { promisify } from "node:util"

const run = promisify(execFile)

/** Absolute path of the command line's program: of the project under test, else of the one the testkit is part of. */
export function veneerProgram(): string {
  const places = [join(process.cwd(), "package.json"), import.meta.url]
  const found = places.map(resolved).find((path) => path !== undefined && existsSync(path))
  if (found !== undefined) return found
  throw new Error("A throwaway engine needs the package @veneer/cli: npm install --save-dev @veneer/cli")
}

function resolved(from: string): string | undefined {
  try {
    return createRequire(from).resolve("@veneer/cli/dist/main.js")
  } catch {
    return undefined
  }
}

/** Builds a plugin's artifact. @returns its file @throws with all that is wrong with the plugin */
export async function buildPlugin(folder: string, out: string): Promise<string> {
  const argv = [veneerProgram(), "plugin", "build", folder, "--out", out, "--quiet"]
  try {
    return (await run(process.execPath, argv)).stdout.trim()
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : String(error)
    throw new Error(`The plugin in ${folder} can't be built:\n${said}`, { cause: error })
  }
}
