import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"

/** OS users that are Veneer's by agreement: above what distributions, containers and systemd hand out. */
const FIRST = 0x7f00_0000
const COUNT = 0xfe_0000

/** The same on every Linux. */
const NOBODY = 65_534

/** An OS user, and the group of the same number. */
export interface Uid {
  id: number
  /** Whether it is one plugin's alone. */
  isOwn: boolean
}

/**
 * As whom plugins' processes run: each as an OS user of its own, so that none can signal another, nor read what it reads.
 * Undefined, the engine's own, where the engine is not root.
 */
export function identities(engineId: string): { identityOf: (plugin: string) => Uid | undefined; warnings: string[] } {
  if (process.getuid?.() !== 0) return { identityOf: () => undefined, warnings: [] }
  const last = FIRST + COUNT - 1
  if (["uid_map", "gid_map"].every((map) => maps(map, FIRST) && maps(map, last))) return { identityOf: (plugin) => ({ id: uidOf(engineId, plugin), isOwn: true }), warnings: [] }
  return {
    identityOf: () => ({ id: NOBODY, isOwn: false }),
    warnings: [`Plugins' processes share the OS user nobody: this container has no OS users ${FIRST} to ${last}, of which each plugin would be one.`],
  }
}

/** Derived, so that a restarted engine's plugin is the same OS user. */
export function uidOf(engineId: string, plugin: string): number {
  return FIRST + (createHash("sha256").update(`${engineId}/${plugin}`).digest().readUInt32BE(0) % COUNT)
}

/** Whether an id exists in this user namespace: a line is the first id inside, the first outside, and how many there are (user_namespaces(7)). */
function maps(map: string, id: number): boolean {
  return readFileSync(`/proc/self/${map}`, "utf8").split("\n").some((line) => {
    const [first = Number.NaN, , count = Number.NaN] = line.trim().split(/\s+/).map(Number)
    return id >= first && id < first + count
  })
}
