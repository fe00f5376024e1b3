import { open } from "node:fs/promises"
import { describe, expect, it } from "vitest"
import { namesIn, type Pool } from "./pool.ts"

const MEBIBYTE = 1024 ** 2

/** Writes so many bytes that occupy so many, and has them on the disk; fewer when the pool is full before. */
async function writeBytes(path: string, bytes: number): Promise<void> {
  const block = Buffer.alloc(Math.min(bytes, 4 * MEBIBYTE), "veneer")
  const file = await open(path, "w")
  try {
    for (let written = 0; written < bytes; ) written += (await file.write(block)).bytesWritten
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error
  } finally {
    await file.sync()
    await file.close()
  }
}

/** Enough of a large file to know it by: how long it is, and how it ends. */
async function endOf(path: string): Promise<string> {
  const file = await open(path)
  const { size } = await file.stat()
  const { buffer } = await file.read({ buffer: Buffer.alloc(1000), position: size - 1000 })
  await file.close()
  return `${size} ${buffer.toString()}`
}

/** How much there is, and what happens when it is used up. */
export function limitsSuite(pool: Pool): void {
  describe("limits", () => {
    it("says how much a dataset holds, and how much of it alone", async () => {
      const { storage, fixture } = pool
      await storage.create("ds/a/g1")
      await writeBytes(`${storage.path("ds/a/g1")}/base`, 8 * MEBIBYTE)
      await storage.snapshot("ds/a/g1", "ds/a/s1")
      await storage.clone("ds/a/s1", "vdb/x/g1")
      await writeBytes(`${storage.path("vdb/x/g1")}/own`, 4 * MEBIBYTE)
      const { ownBytes, logicalBytes } = await storage.usage("vdb/x/g1")
      expect(logicalBytes).toBeGreaterThanOrEqual(12 * MEBIBYTE)
      expect(logicalBytes).toBeLessThan(13 * MEBIBYTE)
      expect(ownBytes).toBeGreaterThanOrEqual(4 * MEBIBYTE)
      expect(ownBytes).toBeLessThanOrEqual(fixture.sharesBlocks ? 5 * MEBIBYTE : logicalBytes)
    })

    it("has no usage of a dataset that is not there", async () => {
      await expect(pool.storage.usage("ds/none")).rejects.toMatchObject({ code: "dataset_missing" })
    })

    it("says how much the pool holds", async () => {
      const { totalBytes, freeBytes } = await pool.storage.capacity()
      expect(totalBytes).toBeGreaterThan(0)
      expect(freeBytes).toBeGreaterThan(0)
      expect(freeBytes).toBeLessThanOrEqual(totalBytes)
    })

    it("ends with pool_full and nothing left when there is no space, and goes on when there is again", { timeout: 60_000 }, async ({ skip }) => {
      const { storage, fixture } = pool
      skip(!fixture.fillable, "the pool has no size of its own")
      await storage.create("ds/a/g1")
      const path = `${storage.path("ds/a/g1")}/all`
      await writeBytes(path, Number.POSITIVE_INFINITY)
      const end = await endOf(path)
      const names = ["ds/a/s1", "ds/a/s2", "ds/a/s3"]
      const results = await Promise.allSettled(names.map((name) => storage.snapshot("ds/a/g1", name)))
      const made = names.filter((_, index) => results[index]?.status === "fulfilled")
      const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []))
      for (const failure of failures) expect(failure).toMatchObject({ code: "pool_full" })
      // Sharing blocks, there may still be room for so little.
      expect(failures.length).toBeGreaterThanOrEqual(fixture.sharesBlocks ? 0 : names.length)
      expect(await namesIn(storage)).toEqual(["ds/a/g1", ...made])
      for (const name of made) expect(await endOf(`${storage.path(name)}/all`)).toBe(end)
      expect(await storage.sweep()).toEqual([])
      for (const name of ["ds/a/g1", ...made]) await storage.destroy(name)
      await storage.create("ds/b/g1")
      expect(await namesIn(storage)).toEqual(["ds/b/g1"])
    })
  })
}
