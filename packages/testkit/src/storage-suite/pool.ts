import { afterAll, afterEach, beforeAll } from "vitest"
import type { StorageFixture, StorageUnderTest } from "./port.ts"

/** The pool under test, there from the first test on. */
export interface Pool {
  readonly fixture: StorageFixture
  readonly storage: StorageUnderTest
}

/** For making, emptying and removing a pool, on a machine that has other work. */
const TIMEOUT_MS = 60_000

/** Opens a pool for the suite around it, empties it after each test and closes it in the end. */
export function usePool(open: () => Promise<StorageFixture>): Pool {
  let opened: StorageFixture | undefined
  const pool: Pool = {
    get fixture() {
      if (!opened) throw new Error("The pool is not open.")
      return opened
    },
    get storage() {
      return pool.fixture.storage
    },
  }
  beforeAll(async () => {
    opened = await open()
  }, TIMEOUT_MS)
  afterEach(async () => {
    if (!opened) return
    for (const { name } of await opened.storage.list()) await opened.storage.destroy(name)
    await opened.storage.sweep()
  }, TIMEOUT_MS)
  afterAll(() => opened?.close(), TIMEOUT_MS)
  return pool
}

/** The names of all datasets. */
export const namesIn = async (storage: StorageUnderTest): Promise<string[]> =>
  (await storage.list()).map(({ name }) => name)
