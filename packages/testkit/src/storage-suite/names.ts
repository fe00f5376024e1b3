import { mkdir, writeFile } from "node:fs/promises"
import { describe, expect, it } from "vitest"
import { namesIn, type Pool } from "./pool.ts"

const BAD_NAMES = [
  "", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/.", "A", "a b", "a_b", "a.partial", ".unfinished", "a\n", "a\0", "ä", "a".repeat(300),
]

const twice = <T>(act: () => Promise<T>) => Promise.all([act(), act()])

/** Which names there may be, and what is listed. */
export function namesSuite(pool: Pool): void {
  describe("names", () => {
    it("refuses what is not letters, digits and dashes between slashes, touching nothing", async () => {
      const { storage } = pool
      await storage.create("ds/a/g1")
      await storage.snapshot("ds/a/g1", "ds/a/s1")
      const calls = [
        (bad: string) => storage.create(bad),
        (bad: string) => storage.snapshot("ds/a/g1", bad),
        (bad: string) => storage.snapshot(bad, "ds/b/s1"),
        (bad: string) => storage.clone("ds/a/s1", bad),
        (bad: string) => storage.destroy(bad),
        (bad: string) => storage.usage(bad),
      ]
      for (const bad of BAD_NAMES) {
        expect(() => storage.path(bad)).toThrow(expect.objectContaining({ code: "invalid_request" }))
        for (const call of calls) await expect(call(bad)).rejects.toMatchObject({ code: "invalid_request" })
      }
      expect(await namesIn(storage)).toEqual(["ds/a/g1", "ds/a/s1"])
    })

    it("lists every dataset by name with its kind, and nothing else", async () => {
      const { storage } = pool
      expect(await storage.list()).toEqual([])
      await storage.create("ds/b/g1")
      await storage.create("-dash-")
      await mkdir(`${storage.path("ds/b/g1")}/folder`)
      await writeFile(`${storage.path("ds/b/g1")}/file`, "")
      await storage.snapshot("ds/b/g1", "ds/a/s1")
      await storage.clone("ds/a/s1", "vdb/x/g1")
      expect(await storage.list()).toEqual([
        { name: "-dash-", readOnly: false },
        { name: "ds/a/s1", readOnly: true },
        { name: "ds/b/g1", readOnly: false },
        { name: "vdb/x/g1", readOnly: false },
      ])
    })

    it("lets no dataset stand inside another", async () => {
      const { storage } = pool
      await storage.create("ds/a/g1")
      await storage.snapshot("ds/a/g1", "ds/a/s1")
      const calls = [() => storage.create("ds/a/g1/b"), () => storage.clone("ds/a/s1", "ds/a/s1/x/y"), () => storage.create("ds/a"), () => storage.snapshot("ds/a/g1", "ds")]
      for (const call of calls) await expect(call()).rejects.toMatchObject({ code: "name_taken" })
      expect(await namesIn(storage)).toEqual(["ds/a/g1", "ds/a/s1"])
    })

    it("frees a name, with the folders above it, when its last dataset goes", async () => {
      const { storage } = pool
      await storage.create("ds/a/g1")
      await storage.destroy("ds/a/g1")
      await storage.create("ds")
      expect(await namesIn(storage)).toEqual(["ds"])
    })

    it("makes a clone of a snapshot only, and of one that is there", async () => {
      const { storage } = pool
      await storage.create("ds/a/g1")
      await expect(storage.clone("ds/a/g1", "vdb/x/g1")).rejects.toMatchObject({ code: "wrong_state" })
      await expect(storage.clone("ds/a/s9", "vdb/x/g1")).rejects.toMatchObject({ code: "dataset_missing" })
      await expect(storage.snapshot("ds/a/g9", "ds/a/s1")).rejects.toMatchObject({ code: "dataset_missing" })
      expect(await namesIn(storage)).toEqual(["ds/a/g1"])
      expect(await storage.sweep()).toEqual([])
    })

    it("does the same thing asked for twice at once, once", async () => {
      const { storage } = pool
      await storage.create("ds/a/g1")
      await twice(() => storage.snapshot("ds/a/g1", "ds/a/s1"))
      await twice(() => storage.clone("ds/a/s1", "vdb/x/g1"))
      await twice(() => storage.destroy("ds/a/g1"))
      expect(await namesIn(storage)).toEqual(["ds/a/s1", "vdb/x/g1"])
    })

    it("makes and removes neighbours at the same time", async () => {
      const { storage } = pool
      await storage.create("ds/a/g1")
      await storage.snapshot("ds/a/g1", "ds/a/s1")
      const neighbours = Array.from({ length: 6 }, (_, index) => `vdb/x/g${index}`)
      await Promise.all(
        neighbours.map(async (name, index) => {
          await storage.clone("ds/a/s1", name)
          if (index % 2 === 0) await storage.destroy(name)
        }),
      )
      expect(await namesIn(storage)).toEqual(["ds/a/g1", "ds/a/s1", "vdb/x/g1", "vdb/x/g3", "vdb/x/g5"])
    })
  })
}
