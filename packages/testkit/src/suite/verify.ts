import type { Schemas, TypesOf } from "@veneer/sdk"

/** A dSource after a workflow on it. */
export interface LinkedState<S extends Schemas> {
  repository: TypesOf<S>["repository"]
  sourceConfig: TypesOf<S>["sourceConfig"]
  parameters: TypesOf<S>["linkedSource"]
  /** Where its dataset is; empty when it is disabled. */
  mounts: readonly string[]
  /** The newest snapshot, with what publishing added. */
  snapshot: TypesOf<S>["snapshot"]
  /** Absolute path of what VDBs are cloned from. */
  image: string
}

/** A VDB after a workflow on it. */
export interface VirtualState<S extends Schemas> {
  repository: TypesOf<S>["repository"]
  /** As configure, reconfigure or initialize returned it. */
  sourceConfig: TypesOf<S>["sourceConfig"]
  parameters: TypesOf<S>["virtualSource"]
  /** Where its dataset is; empty when it is disabled. */
  mounts: readonly string[]
}

/** What discovery found. */
export interface DiscoveredState<S extends Schemas> {
  repository: TypesOf<S>["repository"]
  sourceConfigs: readonly TypesOf<S>["sourceConfig"][]
}

type Check<State> = (state: State) => Promise<void> | void

/**
 * A test's own checks, each made after every good end of its workflow: the first one, the one with every operation
 * called twice, and the one repeated after a fault.
 *
 * @example
 * verify: {
 *   afterProvision: async ({ mounts: [folder] }) => expect(await readdir(folder)).toContain("notes.txt"),
 *   afterRefresh: async ({ sourceConfig }) => expect(await ask(sourceConfig, "select 1")).toBe("1"),
 * }
 */
export interface Verify<S extends Schemas> {
  afterDiscover?: Check<DiscoveredState<S>>
  afterLink?: Check<LinkedState<S>>
  afterSync?: Check<LinkedState<S>>
  afterResync?: Check<LinkedState<S>>
  afterDsourceDisable?: Check<LinkedState<S>>
  afterDsourceEnable?: Check<LinkedState<S>>
  afterProvision?: Check<VirtualState<S>>
  afterSnapshot?: Check<VirtualState<S>>
  afterStop?: Check<VirtualState<S>>
  afterStart?: Check<VirtualState<S>>
  afterDisable?: Check<VirtualState<S>>
  afterEnable?: Check<VirtualState<S>>
  afterRewind?: Check<VirtualState<S>>
  afterRefresh?: Check<VirtualState<S>>
  afterCreate?: Check<VirtualState<S>>
}
