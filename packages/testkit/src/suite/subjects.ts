import type { Kit } from "./kit.ts"
import type { Subject, Take } from "./take.ts"
import type { Dsource, Vdb } from "./world.ts"

/** What the operations of a dSource are given. */
export function sourceSubject({ world: { repository, sourceConfig } }: Kit, { id, name, parameters }: Dsource): Subject {
  return { kind: "dsource", id, input: { source: { id, name, parameters }, repository, sourceConfig } }
}

/** What the operations of a VDB are given; `sourceConfig` is there once it has been configured. */
export function vdbSubject({ world: { repository } }: Kit, { id, name, parameters, sourceConfig }: Vdb): Subject {
  return { kind: "vdb", id, input: { source: { id, name, parameters }, repository, ...(sourceConfig && { sourceConfig }) } }
}

/** What discovery is on behalf of. */
export const environmentSubject: Subject = { kind: "environment", id: "environment", input: {} }

export function theDsource({ kit: { world } }: Take): Dsource {
  if (world.dsource) return world.dsource
  throw new Error("There is no dSource.")
}

export function theVdb({ kit: { world } }: Take): Vdb {
  if (world.vdb) return world.vdb
  throw new Error("There is no VDB.")
}
