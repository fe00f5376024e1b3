import { spawn } from "node:child_process"
import { once } from "node:events"
import { chown, lstat, mkdir, mkdtemp, readFile, realpath, rm, rmdir, stat, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { execa } from "execa"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { readMounts, within } from "../system/mountinfo.ts"
import { type Argv, type Run, runProgram } from "../system/program.ts"
import { createBindShare } from "./bind.ts"
import { createLinkShare } from "./link.ts"
import type { Share } from "./port.ts"

let scratch: string
let source: string
let share: Share
const ran: Argv[] = []
const run: Run = (argv, options) => (ran.push(argv), runProgram(argv, options))
const isRoot = process.getuid?.() === 0

const at = (path: string) => join(scratch, path)
const inMounts = (path: string) => at(`mounts/${path}`)
const exists = (path: string) => lstat(path).then(() => true, () => false)

beforeEach(async () => {
  scratch = await realpath(await mkdtemp(join(tmpdir(), "veneer-share-")))
  source = at("pools/main/vdb/x/g1")
  for (const path of [`${source}/part`, at("pools/main/vdb/y/g1"), at("elsewhere")]) await mkdir(path, { recursive: true })
  await writeFile(`${source}/file`, "here")
})

afterEach(async () => {
  const mounts = readMounts().filter(({ mountPoint }) => within(mountPoint, scratch))
  for (const { mountPoint } of mounts.toReversed()) await execa("umount", [mountPoint])
  await rm(scratch, { recursive: true })
})

describe.each([
  { kind: "bind", needs: "needs root", skipped: !isRoot },
  { kind: "link", needs: "needs no root", skipped: false },
] as const)("share: $kind ($needs)", ({ kind, skipped }) => {
  describe.skipIf(skipped)("promises", () => {
    beforeEach(() => {
      const options = { mountRoot: at("mounts"), poolRoot: at("pools"), run }
      share = kind === "bind" ? createBindShare(options) : createLinkShare(options)
      ran.length = 0
    })

    it("shows a dataset, or a directory of it, at a path and takes it away again", async () => {
      for (const point of [{ source, target: inMounts("vdb/x") }, { source: `${source}/part`, target: at("outside/of/root") }]) {
        await share.mount(point)
        expect((await stat(point.target)).ino).toBe((await stat(point.source)).ino)
        expect(await share.list()).toEqual([point])
        await share.unmount(point.target)
        expect(await exists(point.target)).toBe(false)
        expect(await share.list()).toEqual([])
      }
      expect(await exists(inMounts("vdb"))).toBe(false)
      expect(await exists(at("outside/of"))).toBe(true)
      expect(await readFile(`${source}/file`, "utf8")).toBe("here")
    })

    it("does nothing a second time", async () => {
      const point = { source, target: inMounts("vdb/x") }
      await share.mount(point)
      ran.length = 0
      await share.mount(point)
      await Promise.all([share.mount(point), share.mount({ source, target: `${point.target}/` })])
      expect(ran).toEqual([])
      expect(await share.list()).toEqual([point])
      await share.unmount(point.target)
      await share.unmount(point.target)
      await share.unmount(at("never"))
      expect(await share.list()).toEqual([])
    })

    it("makes folders that every OS user gets through", async () => {
      const before = process.umask(0o077)
      try {
        await share.mount({ source, target: at("new/folders/x") })
      } finally {
        process.umask(before)
      }
      for (const folder of ["new", "new/folders", "mounts"]) expect((await stat(at(folder))).mode & 0o777).toBe(0o755)
    })

    it("takes an empty directory's place, and nobody else's", async () => {
      await share.mount({ source, target: at("elsewhere") })
      await expect(share.mount({ source: at("pools/main/vdb/y/g1"), target: at("elsewhere") })).rejects.toMatchObject({ code: "mount_occupied" })
      await mkdir(at("full/of"), { recursive: true })
      await writeFile(at("file"), "")
      await symlink("/nowhere", at("link"))
      for (const target of ["full", "file", "link"]) {
        await expect(share.mount({ source, target: at(target) })).rejects.toMatchObject({ code: "mount_occupied" })
      }
      expect(await share.list()).toEqual([{ source, target: at("elsewhere") }])
    })

    it.each(["relative", "", "/", "//", "/etc", "/etc/veneer", "/proc/1/fd", "/usr/lib/x", "/var", "/var/lib", "/tmp", "/home", "/tmp/../etc/x", "/tmp/./x", "/dev/shm/x"])(
      "refuses the target %j",
      async (target) => {
        await expect(share.mount({ source, target })).rejects.toMatchObject({ code: "mount_unsafe" })
        await expect(share.unmount(target)).rejects.toMatchObject({ code: "mount_unsafe" })
      },
    )

    it("refuses a target that links lead to a system directory, and one inside a pool", async () => {
      await symlink("/etc", at("innocent"))
      for (const target of [at("innocent/x"), at("pools/main/vdb/y/g1")]) {
        await expect(share.mount({ source, target })).rejects.toMatchObject({ code: "mount_unsafe" })
      }
    })

    it("mounts no dataset that is not there", async () => {
      await expect(share.mount({ source: at("pools/main/none"), target: inMounts("x") })).rejects.toMatchObject({ code: "dataset_missing" })
      expect(await exists(inMounts("x"))).toBe(false)
    })

    it("stays while a process works in it, and names that process", async () => {
      const target = inMounts("vdb/x")
      await share.mount({ source, target })
      const holder = spawn("sleep", ["600"], { cwd: `${target}/part` })
      const ended = once(holder, "exit")
      try {
        await expect(share.unmount(target)).rejects.toMatchObject({ code: "mount_busy", message: expect.stringContaining(`sleep (pid ${holder.pid}, user `) })
        expect(await share.list()).toEqual([{ source, target }])
      } finally {
        holder.kill("SIGKILL")
        await ended
      }
      await share.unmount(target)
      expect(await share.list()).toEqual([])
    })

    it.runIf(kind === "bind")("waits for one that is about to be gone and can't be seen any more", async () => {
      const target = inMounts("vdb/x")
      let busy = 2
      const leaving: Run = async (argv, options) => (argv[0] === "umount" && busy-- > 0 ? { exitCode: 32, stdout: "", stderr: "umount: target is busy." } : runProgram(argv, options))
      const patient = createBindShare({ mountRoot: at("mounts"), poolRoot: at("pools"), run: leaving })
      await patient.mount({ source, target })
      await patient.unmount(target)
      expect(await patient.list()).toEqual([])
    })

    it("names the processes that work in it, and kills them when told to, but no others", async () => {
      const target = at("outside")
      await share.mount({ source, target })
      const holders = [1, 2].map(() => spawn("sleep", ["600"], { cwd: `${target}/part` }))
      const bystander = spawn("sleep", ["600"], { cwd: scratch })
      const ended = holders.map((holder) => once(holder, "exit"))
      const bystanderEnded = once(bystander, "exit")
      expect(new Set((await share.holders(target)).map(({ pid }) => pid))).toEqual(new Set(holders.map(({ pid }) => pid)))
      await expect(share.evict(scratch)).rejects.toMatchObject({ code: "mount_unsafe" })
      await expect(share.evict("/")).rejects.toMatchObject({ code: "mount_unsafe" })
      await share.evict(target)
      expect(await share.holders(target)).toEqual([])
      await Promise.all(ended)
      expect(bystander.exitCode).toBeNull()
      bystander.kill("SIGKILL")
      await bystanderEnded
      await share.unmount(target)
    })

    it.skipIf(!isRoot)("gives files to an owner, and walks them only if the top one is somebody else's (needs root)", async () => {
      await share.own(source, { uid: 1234, gid: 4321 })
      for (const path of [source, `${source}/part`, `${source}/file`]) expect(await stat(path)).toMatchObject({ uid: 1234, gid: 4321 })
      await chown(`${source}/file`, 0, 0)
      ran.length = 0
      await share.own(source, { uid: 1234, gid: 4321 })
      expect(ran).toEqual([])
    })
  })
})

describe.skipIf(!isRoot)("bind share (needs root)", () => {
  beforeEach(() => {
    share = createBindShare({ mountRoot: at("mounts"), poolRoot: at("pools"), run })
    ran.length = 0
  })

  it("mounts with one process", async () => {
    await share.mount({ source, target: inMounts("vdb/x") })
    expect(ran).toEqual([["mount", "--bind", source, inMounts("vdb/x")]])
  })

  it("leaves other people's mounts alone", async () => {
    await execa("mount", ["-t", "tmpfs", "tmpfs", at("elsewhere")])
    await expect(share.mount({ source, target: at("elsewhere") })).rejects.toMatchObject({ code: "mount_occupied" })
    await expect(share.unmount(at("elsewhere"))).rejects.toMatchObject({ code: "mount_occupied" })
    expect(await share.list()).toEqual([])
  })

  it("takes away what was mounted twice, and removes no directory with something in it", async () => {
    const target = at("elsewhere")
    await writeFile(join(target, "beneath"), "")
    for (const _ of [1, 2]) await execa("mount", ["--bind", source, target])
    expect(await share.list()).toEqual([{ source, target }])
    await share.unmount(target)
    expect(await readFile(join(target, "beneath"), "utf8")).toBe("")
  })

  it("removes the directory an earlier engine had no time to remove", async () => {
    await mkdir(inMounts("vdb/x"), { recursive: true })
    await share.unmount(inMounts("vdb/x"))
    expect(await exists(inMounts("vdb"))).toBe(false)
    await rmdir(at("mounts"))
  })
})
