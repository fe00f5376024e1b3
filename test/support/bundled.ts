import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"

const BUNDLE = fileURLToPath(new URL("../../packages/engine/bundle.mjs", import.meta.url))

/** Before any test: the engine that runs in processes of its own is the one its source says, whatever was built when. */
export function setup(): void {
  execFileSync(process.execPath, [BUNDLE], { stdio: "inherit" })
}
