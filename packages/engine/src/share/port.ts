/** A dataset, or a directory of it, at a path on a host. */
export interface MountPoint {
  /** Absolute path on the engine's machine of what is mounted. */
  source: string
  /** Absolute path on the environment. */
  target: string
}

/** A process that keeps a mount busy. */
export interface Holder {
  pid: number
  command: string
  user: string
}

/** How storage reaches an environment. State is always observed, never remembered. */
export interface Share {
  /** `bind` or `link`. */
  readonly kind: string
  /**
   * Makes `source` appear at `target`, creating the directory. Already there: nothing happens.
   * @throws EngineError `mount_occupied` when something else is there; `mount_unsafe` for a path no one may take.
   */
  mount(point: MountPoint): Promise<void>
  /**
   * Takes it away and removes the directory it made. Nothing there: nothing happens. Never lazily.
   * @throws EngineError `mount_busy`, naming who holds on; it is still mounted then.
   */
  unmount(target: string): Promise<void>
  /**
   * Gives files to an owner. Walks them only when the top directory has another one, since all are given at once.
   */
  own(path: string, owner: { uid: number; gid: number }): Promise<void>
  /** The processes that work in a directory. */
  holders(path: string): Promise<Holder[]>
  /** Kills the processes that work in a directory whose content is about to be destroyed, and waits until they are gone. */
  evict(path: string): Promise<void>
  /** Every mount below the engine's mount root, or of one of the given sources' pools. */
  list(): Promise<MountPoint[]>
}
