/** What the storage suite asks of a driver: the engine's `Storage` port, by shape. */
export interface StorageUnderTest {
  readonly driver: string
  readonly atomic: boolean
  path(name: string): string
  create(name: string): Promise<void>
  snapshot(from: string, to: string): Promise<void>
  clone(from: string, to: string): Promise<void>
  destroy(name: string): Promise<void>
  list(): Promise<{ name: string; readOnly: boolean }[]>
  sweep(): Promise<string[]>
  usage(name: string): Promise<{ ownBytes: number; logicalBytes: number }>
  capacity(): Promise<{ totalBytes: number; freeBytes: number }>
}

/** When the engine dies: as its first program is about to start, while it runs, or when it has ended. */
export type Moment = "before" | "during" | "after"

/** One pool, for the length of one suite. */
export interface StorageFixture {
  storage: StorageUnderTest
  /** Whether clones share blocks with what they were made of. */
  sharesBlocks: boolean
  /** Whether the suite may write until the pool is full: it is small, and nothing else is on its file system. */
  fillable: boolean
  /**
   * Does `act` with a storage of the same pool whose process dies at a moment of it; the program it runs is killed, too.
   * Returns storage as an engine started afterwards opens it.
   */
  cutOff(moment: Moment, act: (storage: StorageUnderTest) => Promise<void>): Promise<StorageUnderTest>
  close(): Promise<void>
}
