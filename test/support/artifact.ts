import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { buildPlugin } from "../../packages/cli/src/author/build.ts"
import type { Sandbox } from "./sandbox.ts"

/** Builds one of the plugins beside this file. */
export async function artifactOf(sandbox: Sandbox, plugin: string): Promise<Buffer> {
  const { file } = await buildPlugin(fileURLToPath(new URL(plugin, import.meta.url)), { out: join(sandbox.path, "built") })
  return readFile(file)
}
