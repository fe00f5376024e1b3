/** JSON of a plugin's, with secrets as `Secret`s. */
export type Value = Record<string, unknown>

/** A snapshot of a dSource or VDB. */
export interface Snapshot {
  /** The storage snapshot as it was taken. */
  dataset: string
  /** What publishing made of it. */
  image?: string
  metadata: Value
}

/** The dSource under test. */
export interface Dsource {
  id: string
  name: string
  parameters: Value
  state: "active" | "disabled"
  /** Oldest first. */
  snapshots: Snapshot[]
}

/** The VDB under test. */
export interface Vdb {
  id: string
  name: string
  parameters: Value
  generation: number
  state: "active" | "inactive" | "disabled" | "deleting"
  /** Whether it began empty, and so has no parent to be refreshed from. */
  isEmpty: boolean
  sourceConfig?: Value
  /** Its own, oldest first. */
  snapshots: Snapshot[]
}

/** What there is, as an engine's catalog would hold it. */
export interface World {
  repository?: Value
  sourceConfigs?: Value[]
  sourceConfig?: Value
  dsource?: Dsource | undefined
  vdb?: Vdb | undefined
  /** Ids of everything there ever was: nothing of those that are gone may be left. */
  readonly ids: Set<string>
}

/** As the engine names datasets. */
export const names = {
  live: ({ id }: Pick<Dsource, "id">) => `dsource/${id}/live`,
  /** What a direct dSource held before it was begun anew. */
  former: ({ id }: Pick<Dsource, "id">) => `dsource/${id}/former`,
  vdb: ({ id, generation }: Pick<Vdb, "id" | "generation">) => `vdb/${id}/g${generation}`,
  snapshot: (turn: number) => `snapshot/${turn}`,
  image: (turn: number) => `image/${turn}`,
  publish: (turn: number) => `publish/${turn}`,
}
