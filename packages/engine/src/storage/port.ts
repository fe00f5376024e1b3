/** What a pool holds by a name of ours. */
export interface Dataset {
  /** Slash-separated, derived from the object it belongs to: `vdb/3k9x/g2`. Letters, digits and dashes between slashes. */
  name: string
  readOnly: boolean
}

/** How much is in a pool. */
export interface Capacity {
  totalBytes: number
  freeBytes: number
}

/** What one dataset holds. */
export interface Usage {
  /** Bytes that would come free if it were destroyed: held by it alone. */
  ownBytes: number
  /** Bytes its files hold, shared or not. */
  logicalBytes: number
}

/**
 * Copy-on-write storage: one pool, through its driver. Every promise below is a test of the shared suite
 * (`storageSuite` in the testkit), which each driver passes; `copy` is the reference.
 *
 * All writing methods are idempotent: a call that was cut off at any moment (the process killed) is mended by the same
 * call again, and nothing half-made ever appears under its final name.
 */
export interface Storage {
  /** The driver's name: `btrfs`, `reflink`, `copy`. */
  readonly driver: string
  /** Whether a snapshot of files being written is one moment's state. If not, writers are stopped around it. */
  readonly atomic: boolean
  /** Absolute path on the engine's machine at which a dataset's files stand. */
  path(name: string): string
  /** Makes an empty writable dataset; one that exists is left as it is. */
  create(name: string): Promise<void>
  /** Makes `to` a read-only dataset with what `from` holds now; an existing `to` is left as it is. */
  snapshot(from: string, to: string): Promise<void>
  /** Makes `to` a writable dataset with what the read-only `from` holds; an existing `to` is left as it is. */
  clone(from: string, to: string): Promise<void>
  /**
   * Removes a dataset, read-only or not; one that is not there is fine. Its parents' and clones' contents are untouched.
   * @throws EngineError `dataset_busy` when a process works in it or something is mounted from it; it is whole then.
   */
  destroy(name: string): Promise<void>
  /** Every dataset in the pool, by name; half-made ones are not among them. */
  list(): Promise<Dataset[]>
  /** Removes what interrupted calls left half-made; returns what it removed. */
  sweep(): Promise<string[]>
  /** @throws EngineError `dataset_missing` */
  usage(name: string): Promise<Usage>
  capacity(): Promise<Capacity>
}

/** The settings a pool was made with, kept in the catalog. */
export interface PoolSettings {
  driver: string
  /** A block device for the driver, or undefined for a file of `sizeBytes` in the engine's data directory. */
  device?: string
  sizeBytes?: number
}

/** What a driver can say about this machine. */
export interface Offer {
  driver: string
  /** Why it can't be used here; undefined when it can. */
  lacks?: string
}

/** Opens pools by name; the one place that knows which drivers exist. */
export interface Pools {
  /** What this machine offers, best first. */
  probe(): Promise<Offer[]>
  /** Makes the pool's store (file, file system, folder) if it isn't there, attaches it and opens it. Idempotent. */
  open(name: string, settings: PoolSettings): Promise<Storage>
  /** An opened pool. @throws EngineError `pool_unavailable` */
  get(name: string): Storage
  /** Detaches a pool's device and file system; its data stays. */
  close(name: string): Promise<void>
}
