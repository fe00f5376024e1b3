import { spawn } from "node:child_process"
import { once } from "node:events"
import { readdir } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join, resolve } from "node:path"
import { checkFolder } from "../author/check.ts"
import { PluginFaultsError } from "../author/fault.ts"
import { ExitError, UsageError } from "../errors.ts"
import type { Session } from "../session.ts"
import { clean } from "../text/clean.ts"

/** Checks a plugin, then runs its own tests with the arguments given. @throws PluginFaultsError, ExitError as the tests ended */
export async function test({ output }: Session, directory: string, argv: readonly string[]): Promise<void> {
  const { faults, notes, layout } = await checkFolder(directory, { thorough: true })
  for (const note of notes) output.remark(clean(`Note: ${note}`))
  if (faults.length > 0) throw new PluginFaultsError(faults)
  const folder = layout.directory
  if (!(await hasTests(folder))) throw new UsageError("The plugin has no tests.", "Write test/plugin.test.ts with pluginSuite of @veneer/testkit; `veneer plugin init` shows how.")
  const child = spawn(process.execPath, [runnerOf(folder), "run", ...argv], { cwd: folder, stdio: "inherit" })
  // Ctrl-C reaches the tests, too; they end by themselves.
  process.on("SIGINT", ignore)
  await once(child, "exit")
  process.off("SIGINT", ignore)
  if (child.exitCode !== 0) throw new ExitError(child.exitCode ?? 130)
}

const ignore = (): void => undefined

/** Whether vitest would find a test, dependencies and what is built apart. */
async function hasTests(folder: string): Promise<boolean> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isFile() && /\.(?:test|spec)\.[cm]?[jt]sx?$/.test(entry.name)) return true
    if (entry.isDirectory() && !/^(?:node_modules|dist|\..*)$/.test(entry.name) && (await hasTests(join(folder, entry.name)))) return true
  }
  return false
}

/** The plugin's own vitest. @throws UsageError */
function runnerOf(folder: string): string {
  try {
    return join(dirname(createRequire(join(resolve(folder), "package.json")).resolve("vitest/package.json")), "vitest.mjs")
  } catch {
    throw new UsageError("The plugin's tests need vitest, which is not installed beside it.", "Install it: npm install --save-dev vitest @veneer/testkit")
  }
}
