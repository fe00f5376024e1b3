import { createHash } from "node:crypto"
import { mkdtemp, readdir, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync, gzipSync } from "node:zlib"
import { Header, type HeaderData } from "tar"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
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

interface Entry {
  path: string
  content?: string
  type?: HeaderData["type"]
  linkpath?: string
}

/** An archive as an attacker may write it, too. */
function archive(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(({ path, content = "", type = "File", linkpath }) => {
    const header = Buffer.alloc(512)
    const data = Buffer.from(content)
    new Header({ path, size: data.length, mode: 0o644, uid: 0, gid: 0, mtime: new Date(0), type, ...(linkpath !== undefined && { linkpath }) }).encode(header)
    return [header, data, Buffer.alloc(-data.length & 511)]
  })
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]))
}

const sha256 = (text: string | Uint8Array) => createHash("sha256").update(text).digest("hex")
const none = { type: "object", properties: {} }

const manifest = {
  format: 1, id: "tiny", name: "Tiny", version: "1.0.0", buildNumber: "1", sdk: "^0.1.0", hostTypes: ["unix"], ingestion: "staged", manualSourceConfigs: true,
  schemas: { repository: none, sourceConfig: none, linkedSource: none, virtualSource: none, snapshot: none, snapshotParameters: none },
  operations: ["virtual.configure"], migrations: [],
}

/** A sound artifact, changed as the test asks. */
function artifact(changes: { manifest?: object; entries?: readonly Entry[]; checksums?: Record<string, string> } = {}): Buffer {
  const files: Entry[] = [{ path: "plugin.js", content: "export default {}\n" }, { path: "scripts/a.sh", content: ":\n" }, ...(changes.entries ?? [])]
  const checksums = { ...Object.fromEntries(files.filter(({ type = "File" }) => type === "File").map(({ path, content = "" }) => [path, sha256(content)])), ...changes.checksums }
  return archive([{ path: "manifest.json", content: JSON.stringify({ ...manifest, checksums, ...changes.manifest }) }, ...files])
}

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

const refused: [what: string, packed: () => Buffer, message: string][] = [
  ["no gzip", () => Buffer.from("hello"), "not a gzip-compressed tar"],
  ["no tar", () => gzipSync(Buffer.from("x".repeat(2_000))), "not a sound tar"],
  ["a tar that is cut off", () => gzipSync(gunzipSync(artifact()).subarray(0, 700)), "not a sound tar"],
  ["no manifest", () => archive([{ path: "plugin.js" }]), "manifest.json"],
  ["a manifest that is no JSON", () => archive([{ path: "manifest.json", content: "{" }]), "not JSON"],
  ["a manifest of another form", () => artifact({ manifest: { id: "Not An Id", surplus: 1 } }), "/id must match pattern"],
  ["a wrong checksum", () => artifact({ checksums: { "plugin.js": sha256("else") } }), "the checksum differs"],
  ["a file without a checksum", () => artifact({ manifest: { checksums: { "plugin.js": sha256("export default {}\n") } } }), "scripts/a.sh, which its manifest does not name"],
  ["a missing file", () => artifact({ checksums: { "scripts/b.sh": sha256("") } }), "has no scripts/b.sh"],
  ["an absolute path", () => artifact({ entries: [{ path: "/etc/cron.d/x" }] }), '"/etc/cron.d/x"'],
  ["a path that leaves", () => artifact({ entries: [{ path: "scripts/../../x.sh" }] }), '"scripts/../../x.sh"'],
  ["a path of a Windows drive", () => artifact({ entries: [{ path: String.raw`scripts\x.sh` }] }), "the path"],
  ["a symbolic link", () => artifact({ entries: [{ path: "scripts/l.sh", type: "SymbolicLink", linkpath: "/etc/shadow" }] }), "neither file nor directory"],
  ["a hard link", () => artifact({ entries: [{ path: "scripts/l.sh", type: "Link", linkpath: "plugin.js" }] }), "neither file nor directory"],
  ["a device", () => artifact({ entries: [{ path: "scripts/null", type: "CharacterDevice" }] }), "neither file nor directory"],
  ["a file twice", () => artifact({ entries: [{ path: "scripts/a.sh", content: ":\n" }] }), "holds scripts/a.sh twice"],
  ["too many files", () => artifact({ entries: Array.from({ length: 2_100 }, (_, index) => ({ path: `scripts/${index}.sh` })) }), "more than 2,000 files"],
  ["a bomb", () => gzipSync(Buffer.alloc(300 * 1024 * 1024)), "more than 256 MiB"],
  ["a newer SDK", () => artifact({ manifest: { sdk: "^9.0.0" } }), "asks for the SDK ^9.0.0; this engine has"],
  ["an SDK that is no range", () => artifact({ manifest: { sdk: "newest" } }), "no range of versions"],
]

test.each(refused)("an artifact with %s is refused, and leaves nothing", async (_what, packed, message) => {
  const before = await readdir(join(folder, "plugins")).catch(() => [])
  const adding = store.add(packed())
  await expect(adding).rejects.toMatchObject({ code: "artifact_invalid" })
  await expect(adding).rejects.toThrow(message)
  expect(await readdir(join(folder, "plugins")).catch(() => [])).toEqual(before)
})
