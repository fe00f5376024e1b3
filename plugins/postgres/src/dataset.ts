import type { Repository } from "./schemas.ts"

/** Where scripts find a dataset, its programs, and what is kept outside of it. */
export interface Dataset {
  MOUNT: string
  BIN_DIR: string
  PRIVATE_DIR: string
}

/** Short, since a socket's path may have 107 bytes; derived, so that each call finds it again. */
export function privateDirectory(sourceId: string): string {
  return `/tmp/veneer-${sourceId}`
}

/** The variables by which every script knows its dataset. */
export function datasetVariables(call: { source: { id: string }; repository: Repository; mounts: readonly [string, ...string[]] }): Dataset {
  return { MOUNT: call.mounts[0], BIN_DIR: call.repository.binDirectory, PRIVATE_DIR: privateDirectory(call.source.id) }
}

/** The slot's name: lower-case letters, digits and underscores is what PostgreSQL takes. Several engines may use one source. */
export function slotName({ engine, source }: { engine: string; source: { id: string } }): string {
  return `veneer_${engine}_${source.id}`.toLowerCase().replaceAll(/[^a-z0-9_]/g, "_").slice(0, 63)
}

/** For which of this engine's sources a slot was made, by its name; undefined for one that is not ours. */
export function sourceOfSlot(name: string, engine: string): string | undefined {
  const prefix = `veneer_${engine.toLowerCase()}_`
  return name.startsWith(prefix) ? name.slice(prefix.length) : undefined
}
