import { mkdtemp, readdir, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { artifact, sha256 } from "../../test/packed.ts"
import { Store } from "./store.ts"

let folder = ""
let store: Store

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "veneer-store-"))
})

beforeEach(() => {
  store = new Store(join(folder, "plugins"))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

test("a sound artifact is unpacked once, under its digest, for everybody to read", async () => {
  const packed = artifact()
  const umask = process.umask(0o077)
  try {
    expect(await store.add(packed)).toMatchObject({ artifact: sha256(packed), isNew: true, manifest: { id: "tiny" } })
  } finally {
    process.umask(umask)
  }
  expect(await store.add(packed)).toMatchObject({ isNew: false })
  const modes = await Promise.all(["", "plugin.js", "scripts", "scripts/a.sh"].map(async (path) => ((await stat(join(store.folder(sha256(packed)), path))).mode & 0o777).toString(8)))
  expect(modes).toEqual(["755", "644", "755", "644"])
})

test("an artifact that is refused leaves nothing", async () => {
  const before = await readdir(join(folder, "plugins")).catch(() => [])
  await expect(store.add(artifact({ checksums: { "plugin.js": sha256("else") } }))).rejects.toMatchObject({ code: "artifact_invalid", message: expect.stringContaining("the checksum differs") })
  expect(await readdir(join(folder, "plugins")).catch(() => [])).toEqual(before)
})
