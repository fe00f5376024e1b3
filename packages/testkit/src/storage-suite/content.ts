import { readdir, readFile, stat, writeFile } from "node:fs/promises"
import { describe, expect, it } from "vitest"
import { digestTree, plantTree } from "./file-tree.ts"
import type { Pool } from "./pool.ts"

/** What datasets hold, and who sees a change. */
export function contentSuite(pool: Pool): void {
  const at = (name: string, file: string) => `${pool.storage.path(name)}/${file}`
  const write = (name: string, content: string) => writeFile(at(name, "file"), content)
  const read = (name: string) => readFile(at(name, "file"), "utf8")

  describe("content", () => {
    it("creates an empty writable dataset, and leaves one that exists as it is", async () => {
      await pool.storage.create("ds/a/g1")
      expect(await readdir(pool.storage.path("ds/a/g1"))).toEqual([])
      await write("ds/a/g1", "kept")
      await pool.storage.create("ds/a/g1")
      expect(await read("ds/a/g1")).toBe("kept")
    })

    it("gives a dataset one path for all its life", async () => {
      const before = pool.storage.path("ds/a/g1")
      await pool.storage.create("ds/a/g1")
      expect(pool.storage.path("ds/a/g1")).toBe(before)
      expect((await stat(before)).isDirectory()).toBe(true)
    })

    it("keeps everything in snapshots and clones: hostile names, modes, owners, times, links, holes", async () => {
      await pool.storage.create("ds/a/g1")
      await plantTree(pool.storage.path("ds/a/g1"))
      const planted = await digestTree(pool.storage.path("ds/a/g1"))
      await pool.storage.snapshot("ds/a/g1", "ds/a/s1")
      await pool.storage.clone("ds/a/s1", "vdb/x/g1")
      expect(await digestTree(pool.storage.path("ds/a/s1"))).toBe(planted)
      expect(await digestTree(pool.storage.path("vdb/x/g1"))).toBe(planted)
      expect((await stat(at("vdb/x/g1", "holes"))).blocks * 512).toBeLessThan(256 * 1024)
    })

    it("never changes a snapshot, whatever becomes of what it was made from and of its clones", async () => {
      await pool.storage.create("ds/a/g1")
      await plantTree(pool.storage.path("ds/a/g1"))
      await pool.storage.snapshot("ds/a/g1", "ds/a/s1")
      const digest = await digestTree(pool.storage.path("ds/a/s1"))
      await pool.storage.clone("ds/a/s1", "vdb/x/g1")
      for (const name of ["ds/a/g1", "vdb/x/g1"]) {
        await writeFile(at(name, "deep/hard"), "changed")
        await write(name, "new")
      }
      await pool.storage.snapshot("ds/a/g1", "ds/a/s2")
      await pool.storage.destroy("vdb/x/g1")
      await pool.storage.destroy("ds/a/g1")
      expect(await digestTree(pool.storage.path("ds/a/s1"))).toBe(digest)
    })

    it("shows what is written to a clone to nobody else", async () => {
      await pool.storage.create("ds/a/g1")
      await write("ds/a/g1", "origin")
      await pool.storage.snapshot("ds/a/g1", "ds/a/s1")
      await pool.storage.clone("ds/a/s1", "vdb/x/g1")
      await pool.storage.clone("ds/a/s1", "vdb/y/g1")
      await write("vdb/x/g1", "x")
      await write("vdb/y/g1", "y")
      const seen = await Promise.all(["ds/a/g1", "ds/a/s1", "vdb/x/g1", "vdb/y/g1"].map(read))
      expect(seen).toEqual(["origin", "origin", "x", "y"])
    })

    it("snapshots clones and snapshots, too", async () => {
      await pool.storage.create("ds/a/g1")
      await write("ds/a/g1", "origin")
      await pool.storage.snapshot("ds/a/g1", "ds/a/s1")
      await pool.storage.clone("ds/a/s1", "vdb/x/g1")
      await write("vdb/x/g1", "x")
      await pool.storage.snapshot("vdb/x/g1", "vdb/x/s1")
      await pool.storage.snapshot("vdb/x/s1", "vdb/x/s2")
      await pool.storage.clone("vdb/x/s2", "vdb/y/g1")
      expect(await read("vdb/y/g1")).toBe("x")
    })

    it("leaves an existing snapshot or clone as it is, even when its origin has gone", async () => {
      await pool.storage.create("ds/a/g1")
      await write("ds/a/g1", "first")
      await pool.storage.snapshot("ds/a/g1", "ds/a/s1")
      await pool.storage.clone("ds/a/s1", "vdb/x/g1")
      await write("ds/a/g1", "second")
      await write("vdb/x/g1", "mine")
      await pool.storage.snapshot("ds/a/g1", "ds/a/s1")
      await pool.storage.clone("ds/a/s1", "vdb/x/g1")
      expect([await read("ds/a/s1"), await read("vdb/x/g1")]).toEqual(["first", "mine"])
      await pool.storage.destroy("ds/a/g1")
      await pool.storage.snapshot("ds/a/g1", "ds/a/s1")
      expect(await readdir(pool.storage.path("vdb/x/g1"))).toEqual(["file"])
    })
  })
}
