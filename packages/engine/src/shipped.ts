import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { EngineError } from "./errors.ts"

/**
 * Absolute path of what ships with the engine and isn't part of its program. This file, and the bundle it ends up in, stand
 * at the top of their folder; `places` are relative to that: in the built engine first, then for an engine run from its source.
 */
export function shipped(...places: readonly string[]): string {
  const paths = places.map((place) => fileURLToPath(new URL(place, import.meta.url)))
  const found = paths.find((path) => existsSync(path))
  if (found === undefined) throw new EngineError("internal", `${paths.join(" or ")} is missing.`, { action: "Install the engine again." })
  return found
}
