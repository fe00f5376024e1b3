/** One place at which a dataset, or a directory of it, appears on a host. */
export interface Mount {
  /** Absolute path on the host. Left out, the engine chooses one that stays the same for the life of the source. */
  path?: string
  /** A directory inside the dataset, relative, made if absent. Left out, the whole dataset is mounted. */
  subdirectory?: string
}

/** Who owns the mounted files, by number, since names differ between hosts. */
export interface Ownership {
  uid: number
  gid: number
}

/** What `mountSpecification` returns: where the dataset is mounted, and for whom. */
export interface MountSpecification {
  /** At least one; no path twice. */
  mounts: readonly [Mount, ...Mount[]]
  /** Left out, files keep the owner they have. */
  ownership?: Ownership
}
