import { deletePlugin, findPlugin, savePlugin, usersOfPlugin } from "../catalog/plugins.ts"
import { EngineError } from "../errors.ts"
import type { Manifest } from "../plugins/port.ts"
import type { Engine } from "./engine.ts"

/** Takes an artifact in. A plugin that is there already is replaced by a higher build number only. */
export async function uploadPlugin(engine: Engine, artifact: Buffer): Promise<Manifest> {
  const installed = await engine.plugins.install(artifact)
  const { manifest } = installed
  const former = await findPlugin(engine.catalog, manifest.id)
  if (former && former.artifact !== installed.artifact && compareBuilds(manifest.buildNumber, former.manifest.buildNumber) <= 0) {
    throw new EngineError("build_number_not_higher", `The plugin "${manifest.id}" is here with build ${former.manifest.buildNumber}; this is build ${manifest.buildNumber}.`)
  }
  await savePlugin(engine.catalog, installed)
  await engine.plugins.unload(manifest.id)
  engine.plugins.load(installed)
  return manifest
}

/** Forgets a plugin no dSource or VDB is of. */
export async function deletePluginById(engine: Engine, id: string): Promise<void> {
  const manifest = engine.plugins.manifest(id)
  const users = await usersOfPlugin(engine.catalog, id)
  if (users.length > 0) throw new EngineError("in_use", `The plugin "${manifest.id}" is used by ${users.join(", ")}.`)
  await deletePlugin(engine.catalog, id)
  await engine.plugins.unload(id)
}

/** Build numbers are dotted numbers; a missing part is zero. */
function compareBuilds(a: string, b: string): number {
  const [left, right] = [a, b].map((build) => build.split(".").map(Number))
  const length = Math.max(left?.length ?? 0, right?.length ?? 0)
  for (let index = 0; index < length; index++) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
