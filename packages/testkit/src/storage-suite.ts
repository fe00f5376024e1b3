import { describe } from "vitest"
import { cutOffSuite } from "./storage-suite/cut-off.ts"
import { limitsSuite } from "./storage-suite/limits.ts"
import { namesSuite } from "./storage-suite/names.ts"
import type { StorageFixture } from "./storage-suite/port.ts"
import { usePool } from "./storage-suite/pool.ts"
import { contentSuite } from "./storage-suite/content.ts"
import { destroySuite } from "./storage-suite/destroy.ts"

export type { Moment, StorageFixture, StorageUnderTest } from "./storage-suite/port.ts"

/**
 * The promises of the engine's storage port as tests; a driver is done when they pass. `open` is called once, and what
 * it returns is closed at the end.
 *
 * @example
 * storageSuite("btrfs", openSmallBtrfs)
 * storageSuite("btrfs", openSmallBtrfs, { skip: "needs root" })
 */
export function storageSuite(name: string, open: () => Promise<StorageFixture>, { skip }: { skip?: string } = {}): void {
  describe.skipIf(skip !== undefined)(`storage: ${name}${skip === undefined ? "" : ` (skipped: ${skip})`}`, () => {
    const pool = usePool(open)
    contentSuite(pool)
    namesSuite(pool)
    destroySuite(pool)
    cutOffSuite(pool)
    limitsSuite(pool)
  })
}
