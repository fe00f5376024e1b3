import { describe, expect, it } from "vitest"
import { digestTree, plantTree } from "./file-tree.ts"
import { namesIn, type Pool } from "./pool.ts"
import type { Moment, StorageUnderTest } from "./port.ts"

const MOMENTS: Moment[] = ["before", "during", "after"]

/** Every dataset there is holds what it must, and a second sweep finds nothing. */
async function isWhole(storage: StorageUnderTest, digest: string): Promise<void> {
  for (const name of await namesIn(storage)) expect(await digestTree(storage.path(name))).toBe(digest)
  await storage.sweep()
  expect(await storage.sweep()).toEqual([])
}

/** What an engine finds that was started after one died. */
export function cutOffSuite(pool: Pool): void {
  describe.each(MOMENTS)("cut off %s a program", (moment) => {
    it("shows nothing half-made, and the same call mends it", async () => {
      const { storage, fixture } = pool
      await storage.create("ds/a/g1")
      await plantTree(storage.path("ds/a/g1"))
      const digest = await digestTree(storage.path("ds/a/g1"))
      await storage.snapshot("ds/a/g1", "ds/a/s1")

      const restarted = await fixture.cutOff(moment, (dying) => dying.clone("ds/a/s1", "vdb/x/g1"))
      await isWhole(restarted, digest)
      await restarted.clone("ds/a/s1", "vdb/x/g1")
      expect(await namesIn(restarted)).toEqual(["ds/a/g1", "ds/a/s1", "vdb/x/g1"])
      await isWhole(restarted, digest)
    })

    it("mends a snapshot without a sweep, too", async () => {
      const { storage, fixture } = pool
      await storage.create("ds/a/g1")
      await plantTree(storage.path("ds/a/g1"))
      const digest = await digestTree(storage.path("ds/a/g1"))
      const restarted = await fixture.cutOff(moment, (dying) => dying.snapshot("ds/a/g1", "ds/a/s1"))
      await restarted.snapshot("ds/a/g1", "ds/a/s1")
      expect(await restarted.list()).toEqual([{ name: "ds/a/g1", readOnly: false }, { name: "ds/a/s1", readOnly: true }])
      expect(await restarted.sweep()).toEqual([])
      await isWhole(restarted, digest)
    })

    it("has removed a dataset wholly or not at all", async () => {
      const { storage, fixture } = pool
      await storage.create("ds/a/g1")
      await plantTree(storage.path("ds/a/g1"))
      const digest = await digestTree(storage.path("ds/a/g1"))
      const restarted = await fixture.cutOff(moment, (dying) => dying.destroy("ds/a/g1"))
      await isWhole(restarted, digest)
      await restarted.destroy("ds/a/g1")
      expect(await restarted.list()).toEqual([])
      expect(await restarted.sweep()).toEqual([])
    })
  })

  it("sweeps nothing away that is being made", async () => {
    const { storage } = pool
    await storage.create("ds/a/g1")
    await plantTree(storage.path("ds/a/g1"))
    await Promise.all([storage.snapshot("ds/a/g1", "ds/a/s1"), storage.sweep(), storage.sweep()])
    expect(await digestTree(storage.path("ds/a/s1"))).toBe(await digestTree(storage.path("ds/a/g1")))
  })
}
