import { execFileSync, spawnSync } from "node:child_process"
import { mkdir, mkdtemp, chmod, chown, link, lstat, readdir, readFile, readlink, rename, rm, stat, symlink, truncate, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as fc from "fast-check"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { PLACES, type OpenPlace } from "../../test/places.ts"
import { LACKS_SSHD } from "../../test/sshd.ts"
import type { Host, Pull } from "./port.ts"

const isRoot = process.getuid?.() === 0
const hasAttr = spawnSync("setfattr", ["--version"]).status === 0
const NOBODY = 65_534

test.skipIf(LACKS_SSHD !== undefined)(`a host over SSH is held to all of this, too${LACKS_SSHD === undefined ? "" : ` (${LACKS_SSHD})`}`, () => {
  expect(PLACES.filter(({ lacks }) => lacks === undefined)).toHaveLength(2)
})

describe.each(PLACES.filter(({ lacks }) => lacks === undefined))("$name", ({ open }) => {
  let folder = ""
  let source = ""
  let target = ""
  let host: Host
  let place: OpenPlace
  let lines: string[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "veneer-pull-"))
    await chmod(folder, 0o755)
    place = await open(folder, "test-pull")
    host = place.host
  })

  afterAll(async () => {
    await place.close()
    await rm(folder, { recursive: true, force: true })
  })

  beforeEach(async () => {
    source = await mkdtemp(join(folder, "source-"))
    target = await mkdtemp(join(folder, "target-"))
    await chmod(source, 0o755)
    lines = []
  })

  const pull = (more: Partial<Pull> = {}) => host.pull({ from: source, to: target, exclude: [], delete: false, onlyNewer: false, checksum: false, onLine: (line) => lines.push(line), ...more })

  const text = (path: string) => readFile(join(target, path), "utf8")

  test("what comes over is what was there: modes, times, links, hard links and holes", async () => {
    await mkdir(join(source, "sub/empty"), { recursive: true })
    await writeFile(join(source, "sub/a"), "hello", { mode: 0o640 })
    await utimes(join(source, "sub/a"), new Date("2001-02-03T04:05:06.789Z"), new Date("2001-02-03T04:05:06.789Z"))
    await link(join(source, "sub/a"), join(source, "b"))
    await symlink("/etc/passwd", join(source, "l"))
    await writeFile(join(source, "holes"), "end")
    await truncate(join(source, "holes"), 50 * 2 ** 20)
    execFileSync("mkfifo", [join(source, "pipe")])
    await utimes(source, new Date("2002-02-03T04:05:06Z"), new Date("2002-02-03T04:05:06Z"))
    expect(await pull()).toEqual({ files: 2, bytes: 5 + 50 * 2 ** 20, deleted: 0 })
    expect((await readdir(target, { recursive: true })).sort()).toEqual(["b", "holes", "l", "sub", "sub/a", "sub/empty"])
    const [a, b, holes] = await Promise.all(["sub/a", "b", "holes"].map((path) => stat(join(target, path))))
    expect(a?.mode && a.mode & 0o7777).toBe(0o640)
    expect(a?.mtime.toISOString()).toBe("2001-02-03T04:05:06.789Z")
    expect([a?.ino, a?.nlink]).toEqual([b?.ino, 2])
    expect(holes?.blocks).toBeLessThan(100)
    expect(await readlink(join(target, "l"))).toBe("/etc/passwd")
    expect((await stat(target)).mtime.toISOString()).toBe("2002-02-03T04:05:06.000Z")
  })

  test.skipIf(!hasAttr)("attributes that users set come over (needs the package attr)", async () => {
    await writeFile(join(source, "a"), "")
    execFileSync("setfattr", ["-n", "user.note", "-v", "kept", join(source, "a")])
    await pull()
    expect(execFileSync("getfattr", ["--absolute-names", "--only-values", "-n", "user.note", join(target, "a")], { encoding: "utf8" })).toBe("kept")
  })

  test.skipIf(!isRoot)("it is read as the OS user, and keeps owners by number (needs root)", async () => {
    await writeFile(join(source, "mine"), "x", { mode: 0o600 })
    await chown(join(source, "mine"), NOBODY, 4242)
    await pull({ user: "nobody" })
    const { uid, gid } = await stat(join(target, "mine"))
    expect([uid, gid]).toEqual([NOBODY, 4242])
    await writeFile(join(source, "roots"), "x", { mode: 0o600 })
    await expect(pull({ user: "nobody" })).rejects.toMatchObject({ code: "sync_incomplete", output: expect.stringContaining("roots"), message: expect.stringContaining("the OS user nobody") })
    await chmod(source, 0o700)
    await expect(pull({ user: "nobody" })).rejects.toMatchObject({ code: "sync_incomplete", output: expect.stringContaining("Permission denied") })
  })

  test("a directory that is not there, or is none, is file_missing", async () => {
    await writeFile(join(source, "file"), "")
    for (const from of [join(source, "none"), join(source, "file")]) await expect(pull({ from })).rejects.toMatchObject({ code: "file_missing", message: expect.stringContaining(from) })
  })

  test("only what changed moves, what is gone stays unless asked, what is excluded is let be on both sides", async () => {
    for (const name of ["keep", "change", "go", "skip.tmp"]) await writeFile(join(source, name), `${name} 1`)
    expect(await pull({ exclude: ["*.tmp"] })).toEqual({ files: 3, bytes: 18, deleted: 0 })
    await writeFile(join(source, "change"), "change 2")
    await rm(join(source, "go"))
    await writeFile(join(target, "own.tmp"), "mine")
    expect(await pull({ exclude: ["*.tmp"] })).toEqual({ files: 1, bytes: 8, deleted: 0 })
    expect(await text("go")).toBe("go 1")
    expect(await pull({ exclude: ["*.tmp"], delete: true })).toEqual({ files: 0, bytes: 0, deleted: 1 })
    expect((await readdir(target)).sort()).toEqual(["change", "keep", "own.tmp"])
  })

  test("a change of content within one second and of the same size is seen; one that hides its time only by checksum", async () => {
    const at = new Date("2020-01-01T00:00:00.100Z")
    const later = new Date("2020-01-01T00:00:00.200Z")
    await writeFile(join(source, "f"), "one")
    await utimes(join(source, "f"), at, at)
    await pull()
    await writeFile(join(source, "f"), "two")
    await utimes(join(source, "f"), later, later)
    await pull()
    expect(await text("f")).toBe("two")
    await writeFile(join(source, "f"), "six")
    await utimes(join(source, "f"), later, later)
    expect((await pull()).files).toBe(0)
    expect((await pull({ checksum: true })).files).toBe(1)
    expect(await text("f")).toBe("six")
  })

  test("what is newer in the dataset is left alone when asked, also beside what a killed pull left", async () => {
    await writeFile(join(source, "f"), "old")
    await utimes(join(source, "f"), new Date(0), new Date(0))
    await writeFile(join(target, "f"), "new")
    await mkdir(join(target, ".veneer-sync"))
    await writeFile(join(target, ".veneer-sync/half"), "x")
    expect((await pull({ onlyNewer: true, delete: true })).files).toBe(0)
    expect(await text("f")).toBe("new")
    expect(await readdir(target)).toEqual(["f"])
    expect((await pull()).files).toBe(1)
  })

  test("two names of one file that become two files are two files, whatever changed", async () => {
    await writeFile(join(source, "a"), "same")
    await link(join(source, "a"), join(source, "b"))
    await pull()
    await writeFile(join(source, "new"), "other")
    await rename(join(source, "new"), join(source, "b"))
    await pull()
    expect([await text("a"), await text("b")]).toEqual(["same", "other"])
    await pull()
    expect([await text("a"), await text("b")]).toEqual(["same", "other"])
  })

  test.skipIf(!isRoot)("a large file that changed a little is changed in place, not written anew (needs root)", async () => {
    const content = Buffer.alloc(8 * 2 ** 20, "abcdefgh")
    await writeFile(join(source, "big"), content)
    await pull()
    const { ino } = await stat(join(target, "big"))
    content.write("CHANGED", 3_000_000)
    await writeFile(join(source, "big"), content)
    await pull()
    expect((await stat(join(target, "big"))).ino).toBe(ino)
    expect(content.equals(await readFile(join(target, "big")))).toBe(true)
  })

  test("names that mean something to shells, to rsync or to its wildcards are only names", async () => {
    const name = fc.string({ unit: fc.constantFrom(..."*?[]\\{}$`'\" -+!:#~;&|\nüa"), minLength: 1, maxLength: 8 }).filter((text) => !/^\.\.?$/.test(text))
  await fc.assert(fc.asyncProperty(name, name, async (directory, file) => {
    const own = await mkdtemp(join(folder, "hostile-"))
    await mkdir(join(own, "from", directory), { recursive: true })
    await mkdir(join(own, "from", `${directory}x`), { recursive: true })
    await writeFile(join(own, "from", directory, file), "1")
    await writeFile(join(own, "from", `${directory}x`, "wrong"), "1")
    await mkdir(join(own, `to ${directory}`))
    await pull({ from: join(own, "from", directory), to: join(own, `to ${directory}`) })
    expect(await readdir(join(own, `to ${directory}`))).toEqual([file])
    expect((await pull({ from: join(own, "from", directory), to: join(own, `to ${directory}`), exclude: [`- ${file}`, "!", "+ x"], delete: true })).deleted).toBe(0)
  }), { numRuns: 12 })
})

test("it tells how far it is, and an abort ends all of it at once", async () => {
  for (let index = 0; index < 30; index++) await writeFile(join(source, `f${index}`), Buffer.alloc(10 * 2 ** 20, index))
  const controller = new AbortController()
  const told: string[] = []
  const pulling = pull({ signal: controller.signal, onProgress: ({ message }) => { told.push(message); controller.abort() } })
  await expect(pulling).rejects.toMatchObject({ code: "cancelled" })
  expect(told[0]).toMatch(/^\d+ files, \d+\.\d MiB copied$/)
  expect((await readdir(target)).length).toBeLessThan(30)
  const { files } = await pull()
  expect(files).toBeGreaterThan(0)
  for (let index = 0; index < 30; index++) expect(Buffer.alloc(10 * 2 ** 20, index).equals(await readFile(join(target, `f${index}`)))).toBe(true)
})

test("where there is no rsync, that is said", async () => {
  const empty = await mkdtemp(join(folder, "empty-"))
  const { pullFiles } = await import("./pull.ts")
  const bare = { from: source, to: target, exclude: [], delete: false, onlyNewer: true, checksum: false }
  const reach = { host: "there", shell: ["/bin/bash", "-c", `PATH=${empty}; shift; exec "$@"`, "bash"] as const, env: { PATH: process.env["PATH"] ?? "" }, isLocal: false }
  await expect(pullFiles(bare, reach)).rejects.toMatchObject({ code: "program_missing", message: "rsync can't be started on there." })
  expect((await lstat(target)).isDirectory()).toBe(true)
})
})
