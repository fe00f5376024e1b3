import { spawn } from "node:child_process"
import { once } from "node:events"
import { copyFile, mkdtemp, readFile, realpath, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { holdersOf, nameHolders, useOf } from "./holders.ts"

let directory: string

beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), "veneer-holders-")))
})

afterEach(() => rm(directory, { recursive: true }))

describe("holders", () => {
  it("finds a process that only maps a file", async () => {
    const libraries = await readFile("/proc/self/maps", "utf8")
    const library = /\s(\/\S*\/libm[.-]\S*)$/m.exec(libraries)?.[1] ?? ""
    await copyFile(library, join(directory, "library"))
    const holder = spawn("sleep", ["600"], { env: { LD_PRELOAD: join(directory, "library") }, stdio: ["ignore", "ignore", "ignore"] })
    const ended = once(holder, "exit")
    try {
      await expect.poll(() => holdersOf(directory)).toEqual([expect.objectContaining({ pid: holder.pid, command: "sleep" })])
    } finally {
      holder.kill("SIGKILL")
      await ended
    }
    expect(await useOf(directory)).toEqual({ holders: [], mountPoints: [] })
  })

  it.skipIf(process.getuid?.() !== 0)("finds a mount in another mount namespace, as a container has (needs root)", async () => {
    const script = `mount --bind "$0" /mnt && echo mounted && exec sleep 600`
    const holder = spawn("unshare", ["--mount", "sh", "-c", script, directory], { stdio: ["ignore", "pipe", "inherit"] })
    const ended = once(holder, "exit")
    try {
      await once(holder.stdout, "data")
      expect((await useOf(directory)).mountPoints).toEqual(["/mnt"])
    } finally {
      holder.kill("SIGKILL")
      await ended
    }
    expect((await useOf(directory)).mountPoints).toEqual([])
  })

  it("names them for a person", () => {
    const holders = [{ pid: 812, command: "postgres", user: "postgres" }, { pid: 90, command: "bash", user: "root" }]
    expect(nameHolders(holders)).toBe("postgres (pid 812, user postgres), bash (pid 90, user root)")
  })
})
