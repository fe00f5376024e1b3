import { appendFile, mkdir, mkdtemp, readFile, realpath, rm, truncate, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { execa } from "execa"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { readMounts, within } from "../system/mountinfo.ts"
import { type Argv, type Run, runProgram } from "../system/program.ts"
import { createPools } from "./pools.ts"

const MEBIBYTE = 1024 ** 2
const small = { driver: "btrfs", sizeBytes: 128 * MEBIBYTE }

let dataDir: string

beforeEach(async () => {
  dataDir = await realpath(await mkdtemp(join(tmpdir(), "veneer-pools-")))
})

afterEach(async () => {
  vi.restoreAllMocks()
  const mounts = readMounts().filter(({ mountPoint }) => within(mountPoint, dataDir))
  for (const { mountPoint } of mounts.toReversed()) await execa("umount", [mountPoint])
  for (const loop of await loops()) await execa("losetup", ["--detach", loop])
  await rm(dataDir, { recursive: true })
})

/** The loop devices on files of this test. */
async function loops(): Promise<string[]> {
  if (process.geteuid?.() !== 0) return []
  const { stdout } = await execa("losetup", ["--noheadings", "--list", "--output", "NAME,BACK-FILE"])
  return stdout.split("\n").filter((line) => line.includes(`${dataDir}/`)).map((line) => line.split(" ")[0] ?? "")
}

/** A run that keeps what it ran. */
function recorded(): { run: Run; ran: Argv[] } {
  const ran: Argv[] = []
  return { ran, run: (argv, options) => (ran.push(argv), runProgram(argv, options)) }
}

const lacking: Run = (argv) => runProgram([`no-such-${argv[0]}`])

const image = () => join(dataDir, "pools", "main.img")

describe.skipIf(process.geteuid?.() !== 0)("pools on a loop file (needs root)", () => {
  it("opens a pool twice with one loop device, and gives the same storage", async () => {
    const pools = createPools({ dataDir })
    const storage = await pools.open("main", small)
    expect(await pools.open("main", small)).toBe(storage)
    expect(pools.get("main")).toBe(storage)
    expect(await createPools({ dataDir }).open("main", small)).toBeDefined()
    expect(await loops()).toHaveLength(1)
    expect(readMounts().filter(({ mountPoint }) => within(mountPoint, dataDir))).toHaveLength(1)
  })

  it("clones with one process", async () => {
    const { run, ran } = recorded()
    const storage = await createPools({ dataDir, run }).open("main", small)
    await storage.create("ds/a/g1")
    await storage.snapshot("ds/a/g1", "ds/a/s1")
    ran.length = 0
    await storage.clone("ds/a/s1", "vdb/x/g1")
    expect(ran).toEqual([["btrfs", "subvolume", "snapshot", storage.path("ds/a/s1"), storage.path("vdb/x/g1")]])
  })

  it.each(["btrfs", "reflink"])("keeps a %s pool's data when it is closed, detached, and opened again", async (driver) => {
    const pools = createPools({ dataDir })
    const settings = { driver, sizeBytes: 320 * MEBIBYTE }
    const storage = await pools.open("main", settings)
    await storage.create("ds/a/g1")
    await writeFile(`${storage.path("ds/a/g1")}/file`, "kept")
    await pools.close("main")
    expect(() => pools.get("main")).toThrow(expect.objectContaining({ code: "pool_unavailable" }))
    expect(await loops()).toEqual([])
    await pools.close("main")
    const again = await createPools({ dataDir }).open("main", settings)
    expect(await readFile(`${again.path("ds/a/g1")}/file`, "utf8")).toBe("kept")
  })

  it("finds its way from wherever an earlier engine was killed", async () => {
    await mkdir(join(dataDir, "pools"))
    await writeFile(`${image()}.partial`, "half a file system")
    await createPools({ dataDir }).open("main", small)
    const mountPoint = join(dataDir, "pools", "main")
    await execa("umount", [mountPoint])
    // Attached, not mounted.
    await createPools({ dataDir }).open("main", small)
    expect(await loops()).toHaveLength(1)
    await execa("umount", [mountPoint])
    await execa("losetup", ["--detach", (await loops())[0] ?? ""])
    // The machine has started anew.
    await createPools({ dataDir }).open("main", small)
    expect(await loops()).toHaveLength(1)
  })

  it("says that a pool is not attached any more instead of showing it empty", async () => {
    const storage = await createPools({ dataDir }).open("main", small)
    await storage.create("ds/a/g1")
    await execa("umount", [join(dataDir, "pools", "main")])
    for (const call of [storage.list(), storage.create("ds/b/g1"), storage.destroy("ds/a/g1"), storage.sweep()]) {
      await expect(call).rejects.toMatchObject({ code: "pool_unavailable" })
    }
  })

  it("never formats what holds something else", async () => {
    await mkdir(join(dataDir, "pools"))
    await writeFile(image(), "")
    await truncate(image(), small.sizeBytes)
    await execa("mkfs.ext4", ["-q", image()])
    const before = await execa("blkid", ["--probe", image()])
    await expect(createPools({ dataDir }).open("main", small)).rejects.toMatchObject({ code: "pool_unavailable", message: expect.stringContaining("ext4") })
    expect((await execa("blkid", ["--probe", image()])).stdout).toBe(before.stdout)
  })

  it("takes a block device, empty or its own, and no other file", async () => {
    const file = join(dataDir, "disk")
    await writeFile(file, "")
    await truncate(file, small.sizeBytes)
    const { stdout: device } = await execa("losetup", ["--find", "--show", file])
    const pools = createPools({ dataDir })
    const storage = await pools.open("main", { driver: "btrfs", device })
    await storage.create("ds/a")
    await pools.close("main")
    expect(await (await pools.open("main", { driver: "btrfs", device })).list()).toHaveLength(1)
    await expect(pools.open("other", { driver: "btrfs", device: file })).rejects.toMatchObject({ code: "pool_unavailable" })
    await expect(pools.open("other", { driver: "reflink", device })).rejects.toMatchObject({ code: "pool_unavailable" })
  })

  it("makes an XFS anew whose making was cut off", async () => {
    const file = join(dataDir, "disk")
    await writeFile(file, "")
    await truncate(file, 320 * MEBIBYTE)
    await execa("mkfs.xfs", ["-q", file])
    await execa("dd", [`of=${file}`, "bs=1", "seek=126", "conv=notrunc"], { input: "\u0001" })
    const { stdout: device } = await execa("losetup", ["--find", "--show", file])
    const storage = await createPools({ dataDir }).open("main", { driver: "reflink", device })
    expect(await storage.list()).toEqual([])
  })

  it("mounts over nothing that somebody has put at its mount point", async () => {
    await mkdir(join(dataDir, "pools", "main"), { recursive: true })
    await appendFile(join(dataDir, "pools", "main", "file"), "")
    await expect(createPools({ dataDir }).open("main", small)).rejects.toMatchObject({ code: "mount_occupied" })
  })

  it("stays attached while something of it is mounted elsewhere", async () => {
    const pools = createPools({ dataDir })
    const storage = await pools.open("main", small)
    await storage.create("ds/a")
    const target = join(dataDir, "elsewhere")
    await mkdir(target)
    await execa("mount", ["--bind", storage.path("ds/a"), target])
    await expect(pools.close("main")).rejects.toMatchObject({ code: "mount_busy", message: expect.stringContaining(target) })
    expect(await storage.list()).toHaveLength(1)
    await execa("umount", [target])
    await pools.close("main")
  })

  it("removes a dataset in which somebody has made subvolumes of their own", async () => {
    const storage = await createPools({ dataDir }).open("main", small)
    await storage.create("ds/a")
    for (const inner of ["one", "one/deeper", "two"]) await execa("btrfs", ["subvolume", "create", `${storage.path("ds/a")}/${inner}`])
    await storage.destroy("ds/a")
    expect(await storage.list()).toEqual([])
  })
})

describe("pools", () => {
  it("offers every driver, best first, with the reason why not", async () => {
    vi.spyOn(process, "geteuid").mockReturnValue(1000)
    const offers = await createPools({ dataDir }).probe()
    expect(offers.map(({ driver }) => driver)).toEqual(["btrfs", "reflink", "copy"])
    expect(offers[0]?.lacks).toBe("needs root")
    expect(offers[2]).toEqual({ driver: "copy" })
  })

  it("refuses without root what needs root, and drivers and settings that make no sense", async () => {
    vi.spyOn(process, "geteuid").mockReturnValue(1000)
    const pools = createPools({ dataDir })
    await expect(pools.open("main", small)).rejects.toMatchObject({ code: "not_permitted" })
    await expect(pools.open("main", { driver: "zfs" })).rejects.toMatchObject({ code: "driver_unavailable" })
    await expect(pools.open("main", { driver: "copy", sizeBytes: 1 })).rejects.toMatchObject({ code: "invalid_request" })
    await expect(pools.open("../main", { driver: "copy" })).rejects.toMatchObject({ code: "invalid_request" })
    expect(() => pools.get("main")).toThrow(expect.objectContaining({ code: "pool_unavailable" }))
  })

  it("opens no pool with two drivers", async () => {
    const pools = createPools({ dataDir })
    await pools.open("main", { driver: "copy" })
    await expect(pools.open("main", small)).rejects.toMatchObject({ code: "wrong_state" })
  })

  it.each([
    ["No space left on device", "pool_full"],
    ["Disk quota exceeded", "pool_full"],
    ["Operation not permitted", "not_permitted"],
    ["Input/output error", "pool_unavailable"],
  ])("says %j in the engine's words", async (stderr, code) => {
    const run: Run = async ([program]) => (program === "cp" ? { exitCode: 1, stdout: "", stderr: `cp: ${stderr}\n` } : runProgram([program, "--version"]))
    const storage = await createPools({ dataDir, run }).open("main", { driver: "copy" })
    await storage.create("ds/a")
    await expect(storage.snapshot("ds/a", "ds/s")).rejects.toMatchObject({ code, output: expect.stringContaining(stderr) })
  })

  it("names the program that is missing", async () => {
    const storage = await createPools({ dataDir, run: lacking }).open("main", { driver: "copy" })
    await storage.create("ds/a")
    await expect(storage.snapshot("ds/a", "ds/s")).rejects.toMatchObject({ code: "program_missing", message: expect.stringContaining("no-such-cp") })
  })
})
