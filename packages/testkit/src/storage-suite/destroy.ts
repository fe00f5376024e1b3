import { spawn } from "node:child_process"
import { once } from "node:events"
import { copyFile, mkdir, mkdtemp, open, rmdir, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { execa } from "execa"
import { describe, expect, it } from "vitest"
import { digestTree, plantTree } from "./file-tree.ts"
import { namesIn, type Pool } from "./pool.ts"

/** A process that does nothing but hold on to something, until it is let go. */
async function holding(file: string, { cwd, stdin = "ignore" }: { cwd?: string; stdin?: number | "ignore" }, act: (pid: number) => Promise<void>): Promise<void> {
  const holder = spawn(file, ["600"], { cwd, stdio: [stdin, "ignore", "ignore"] })
  const ended = once(holder, "exit")
  try {
    await act(holder.pid ?? 0)
  } finally {
    holder.kill("SIGKILL")
    await ended
  }
}

/** What removing a dataset spares, and when it is refused. */
export function destroySuite(pool: Pool): void {
  const dataset = "vdb/x/g1"

  async function refusesWhileHeld(pid: number) {
    const digest = await digestTree(pool.storage.path(dataset))
    await expect(pool.storage.destroy(dataset)).rejects.toMatchObject({ code: "dataset_busy", message: expect.stringContaining(`pid ${pid}`) })
    expect(await digestTree(pool.storage.path(dataset))).toBe(digest)
  }

  async function namesAfterDestroy() {
    await pool.storage.destroy(dataset)
    return namesIn(pool.storage)
  }

  describe("destroy", () => {
    it("removes datasets of both kinds and spares those they were made from and into", async () => {
      const { storage } = pool
      await storage.create("ds/a/g1")
      await plantTree(storage.path("ds/a/g1"))
      await storage.snapshot("ds/a/g1", "ds/a/s1")
      await storage.clone("ds/a/s1", "vdb/x/g1")
      const digest = await digestTree(storage.path("vdb/x/g1"))
      await storage.destroy("ds/a/s1")
      await storage.destroy("ds/a/g1")
      expect(await namesIn(storage)).toEqual(["vdb/x/g1"])
      expect(await digestTree(storage.path("vdb/x/g1"))).toBe(digest)
    })

    it("is done when the dataset is not there", async () => {
      await pool.storage.destroy("ds/none")
      await pool.storage.create("ds/a")
      await pool.storage.destroy("ds/a")
      await pool.storage.destroy("ds/a")
      expect(await namesIn(pool.storage)).toEqual([])
    })

    it("refuses while a process works in the dataset", async () => {
      await pool.storage.create(dataset)
      const cwd = join(pool.storage.path(dataset), "in here")
      await mkdir(cwd)
      await holding("sleep", { cwd }, refusesWhileHeld)
      expect(await namesAfterDestroy()).toEqual([])
    })

    it("refuses while a process has a file of it open", async () => {
      await pool.storage.create(dataset)
      const path = join(pool.storage.path(dataset), "open")
      await writeFile(path, "x")
      const file = await open(path)
      await holding("sleep", { stdin: file.fd }, async (pid) => {
        await file.close()
        await refusesWhileHeld(pid)
      })
      expect(await namesAfterDestroy()).toEqual([])
    })

    it("refuses while a program of it runs", async () => {
      await pool.storage.create(dataset)
      const program = join(pool.storage.path(dataset), "program")
      await copyFile("/bin/sleep", program)
      await holding(program, {}, refusesWhileHeld)
      expect(await namesAfterDestroy()).toEqual([])
    })

    it.skipIf(process.getuid?.() !== 0)("refuses while a directory of it is mounted somewhere (needs root)", async () => {
      await pool.storage.create(dataset)
      const source = join(pool.storage.path(dataset), "part")
      await mkdir(source)
      const target = await mkdtemp(join(tmpdir(), "veneer-suite-"))
      await execa("mount", ["--bind", source, target])
      try {
        await expect(pool.storage.destroy(dataset)).rejects.toMatchObject({ code: "dataset_busy", message: expect.stringContaining(target) })
        expect(await namesIn(pool.storage)).toEqual([dataset])
      } finally {
        await execa("umount", [target])
        await rmdir(target)
      }
      expect(await namesAfterDestroy()).toEqual([])
    })

    it("does not mind who works in a neighbour of a longer name", async () => {
      await pool.storage.create("vdb/x/g1")
      await pool.storage.create("vdb/x/g10")
      await holding("sleep", { cwd: pool.storage.path("vdb/x/g10") }, async () => {
        await pool.storage.destroy("vdb/x/g1")
      })
      expect(await namesIn(pool.storage)).toEqual(["vdb/x/g10"])
    })
  })
}
