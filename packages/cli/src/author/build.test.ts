import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { list } from "tar"
import { afterAll, beforeAll, expect, test } from "vitest"
import { buildPlugin, PluginFaultsError } from "./build.ts"
import { checkPluginFolder } from "./check.ts"

let folder = ""

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "veneer-build-"))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

const entry = `
import { definePlugin, Type } from "@veneer/sdk"
import { say } from "./say.ts"
const none = Type.Object({})
const named = Type.Object({ name: Type.String() }, { identityFields: ["name"], nameField: "name" })
console.log(say)
export default definePlugin({
  id: "mini", name: "Mini", version: "1.0.0", buildNumber: "1", hostTypes: ["unix"], ingestion: "staged",
  schemas: { repository: named, sourceConfig: named, linkedSource: none, virtualSource: none, snapshot: none, snapshotParameters: none },
  discovery: { repositories: () => [], sourceConfigs: () => [] },
  linked: { mountSpecification: () => ({ mounts: [{}] }), postSnapshot: () => ({}) },
  virtual: { mountSpecification: () => ({ mounts: [{}] }), configure: () => ({ name: "x" }), reconfigure: () => ({ name: "x" }), postSnapshot: () => ({}) },
})
`

const sound: Record<string, string> = { "src/index.ts": entry, "src/say.ts": `export const say: string = "loaded"\n`, "scripts/b.sh": ":\n", "scripts/a.sh": "echo hi\n" }

/** Writes a plugin's files into a folder of its own. */
async function plugin(name: string, files: Record<string, string>): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name, path)), { recursive: true })
    await writeFile(join(folder, name, path), content)
  }
  return join(folder, name)
}

test("the same plugin gives the same bytes, wherever and whenever it is built", async () => {
  const here = await plugin("one", sound)
  const there = join(folder, "deep/er/two")
  await cp(here, there, { recursive: true })
  const [first, second] = [await buildPlugin(here), await buildPlugin(there, { out: join(folder, "out") })]
  expect(first.file).toBe(join(here, "dist/mini.veneer.tgz"))
  expect(second.file).toBe(join(folder, "out/mini.veneer.tgz"))
  expect(await readFile(first.file)).toEqual(await readFile(second.file))
  expect(first.artifact).toBe(second.artifact)
})

test("an artifact holds manifest, code, scripts and the script library, sorted and without times or owners", async () => {
  const { file, manifest, bytes } = await buildPlugin(await plugin("listed", sound))
  const entries: unknown[] = []
  await list({ file, onReadEntry: ({ path, mode, uid, gid, mtime }) => entries.push([path, mode, uid, gid, mtime?.getTime()]) })
  expect(entries).toEqual(["manifest.json", "plugin.js", "scripts/a.sh", "scripts/b.sh", "scripts/lib.sh"].map((path) => [path, 0o644, 0, 0, 0]))
  expect(Object.keys(manifest.checksums)).toEqual(["plugin.js", "scripts/a.sh", "scripts/b.sh", "scripts/lib.sh"])
  expect(manifest).toMatchObject({ format: 1, id: "mini", sdk: "^0.1.0", operations: expect.arrayContaining(["virtual.configure"]) })
  expect(bytes).toBeLessThan(200_000)
})

test("package.json says where entry and scripts are", async () => {
  const { "src/index.ts": main = "", "src/say.ts": say = "" } = sound
  const directory = await plugin("moved", { "package.json": `{ "veneer": { "entry": "lib/main.ts", "scripts": "sh" } }`, "lib/main.ts": main, "lib/say.ts": say, "sh/x.sh": ":\n" })
  expect(Object.keys((await buildPlugin(directory)).manifest.checksums)).toContain("scripts/x.sh")
})

test("all faults come at once: in the declaration, and in scripts that don't parse", async () => {
  const directory = await plugin("faulty", { ...sound, "src/index.ts": entry.replace(`id: "mini"`, `id: "Mini!"`).replace("postSnapshot: () => ({})", ""), "scripts/b.sh": "if then\n", "scripts/lib.sh": ":\n" })
  const places = (await checkPluginFolder(directory)).map(({ place }) => place)
  expect(places).toEqual(["/id", "/linked/postSnapshot", "scripts/lib.sh", "scripts/b.sh"])
  await expect(buildPlugin(directory)).rejects.toBeInstanceOf(PluginFaultsError)
})

test.each([
  ["code that doesn't parse, by line and column", { ...sound, "src/say.ts": "export const = 1\n" }, "src/say.ts:1:14", "Expected identifier"],
  ["an import that leads nowhere", { ...sound, "src/say.ts": `export { say } from "no-such-package"\n` }, "src/say.ts:1:21", "no-such-package"],
  ["code that throws when it is loaded", { ...sound, "src/say.ts": `throw new Error("not today")\nexport const say = ""\n` }, "src/index.ts", "not today"],
  ["a missing entry", { "scripts/a.sh": ":\n" }, "src/index.ts", "missing"],
  ["an entry that exports no plugin", { "src/index.ts": "export default 3\n" }, "", "not a plugin"],
])("the fault names its place for %s", async (what, files, place, message) => {
  expect(await checkPluginFolder(await plugin(`fault-${what}`, files))).toEqual([expect.objectContaining({ place, message: expect.stringContaining(message) })])
})
