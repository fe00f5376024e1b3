import { cp, mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { list } from "tar"
import { afterAll, beforeAll, expect, test } from "vitest"
import { changed, SOUND, writePlugin } from "../../test/plugin-folder.ts"
import { buildPlugin } from "./build.ts"
import { PluginFaultsError } from "./fault.ts"

let folder = ""

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "veneer-build-"))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

const plugin = (name: string, files: Readonly<Record<string, string>>) => writePlugin(join(folder, name), files)

/** The text of one file of an artifact. */
async function textIn(file: string, path: string): Promise<string> {
  let text = ""
  await list({ file, onReadEntry: (entry) => entry.path === path && entry.on("data", (chunk: Buffer) => (text += chunk.toString())) })
  return text
}

test("the same plugin gives the same bytes, wherever and whenever it is built", async () => {
  const here = await plugin("one", SOUND)
  const there = join(folder, "deep/er/two")
  await cp(here, there, { recursive: true })
  const [first, second] = [await buildPlugin(here), await buildPlugin(there, { out: join(folder, "out") })]
  expect(first.file).toBe(join(here, "dist/mini.veneer.tgz"))
  expect(second.file).toBe(join(folder, "out/mini.veneer.tgz"))
  expect(await readFile(first.file)).toEqual(await readFile(second.file))
  expect(first.artifact).toBe(second.artifact)
})

test("an artifact holds manifest, code, licences, scripts and the script library, sorted and without times or owners", async () => {
  const { file, manifest, bytes } = await buildPlugin(await plugin("listed", SOUND))
  const entries: unknown[] = []
  await list({ file, onReadEntry: ({ path, mode, uid, gid, mtime }) => entries.push([path, mode, uid, gid, mtime?.getTime()]) })
  const paths = ["LICENSES.txt", "manifest.json", "plugin.js", "scripts/a.sh", "scripts/common.sh", "scripts/deep/b.sh", "scripts/lib.sh"]
  expect(entries).toEqual(paths.map((path) => [path, 0o644, 0, 0, 0]))
  expect(Object.keys(manifest.checksums)).toEqual(paths.filter((path) => path !== "manifest.json"))
  expect(manifest).toMatchObject({ format: 1, id: "mini", sdk: "^0.1.0", operations: expect.arrayContaining(["virtual.configure"]) })
  expect(bytes).toBeLessThan(200_000)
})

test("package.json says where entry and scripts are", async () => {
  const moved = Object.entries(SOUND).map(([path, text]) => [path.replace("src/index.ts", "lib/main.ts").replace(/^src/, "lib").replace(/^scripts/, "sh"), text])
  const directory = await plugin("moved", { "package.json": `{ "veneer": { "entry": "lib/main.ts", "scripts": "sh" } }`, ...Object.fromEntries(moved) })
  expect(Object.keys((await buildPlugin(directory)).manifest.checksums)).toContain("scripts/a.sh")
})

test("a plugin with faults is not built, and says all of them", async () => {
  const directory = await plugin("faulty", changed("src/index.ts", 'id: "mini"', 'id: "Mini!"'))
  const building = buildPlugin(directory)
  await expect(building).rejects.toBeInstanceOf(PluginFaultsError)
  await expect(building).rejects.toMatchObject({ code: "plugin_faults", faults: [{ place: "/id", at: "src/index.ts:11:3" }] })
})

/** An installed package whose text is in the bundle. */
const dependency = (manifest: object, more: Record<string, string> = {}) => ({
  ...changed("src/say.ts", `export const say: string = "loaded"`, `export { say } from "saying"`),
  "node_modules/saying/package.json": JSON.stringify({ name: "saying", version: "2.3.4", main: "index.js", ...manifest }),
  "node_modules/saying/index.js": `exports.say = "installed"\n`,
  ...more,
})

test("the licences of bundled packages go with it; of what is not in the bundle, none", async () => {
  const other = { "node_modules/silent/package.json": `{ "name": "silent", "version": "1.0.0" }`, "node_modules/silent/index.js": "" }
  const { file } = await buildPlugin(await plugin("licensed", dependency({ license: "MIT" }, { "node_modules/saying/LICENSE.md": "Do as you like.\n", ...other })))
  const text = await textIn(file, "LICENSES.txt")
  expect(text).toMatch(/@veneer\/sdk 0\.1\.0: Apache-2\.0[^]*saying 2\.3\.4: MIT\n=+\n\nDo as you like\.\n[^]*typebox \S+: MIT/)
  expect(text).not.toContain("silent")
})

test("a bundled package without any licence is a fault that names it; a licence file is enough", async () => {
  await expect(buildPlugin(await plugin("unlicensed", dependency({})))).rejects.toMatchObject({ faults: [{ message: "The bundled package saying 2.3.4 names no licence." }] })
  const { file } = await buildPlugin(await plugin("licence-file", dependency({}, { "node_modules/saying/COPYING": "Copy it.\n" })))
  expect(await textIn(file, "LICENSES.txt")).toContain("saying 2.3.4: see below")
})

const asking = (field: string, range: string) => ({ ...SOUND, "package.json": JSON.stringify({ [field]: { "@veneer/sdk": range } }) })

test.each([["dependencies", "^0.1.0", "^0.1.0"], ["peerDependencies", "~0.1.0", "~0.1.0"], ["devDependencies", "0.1.0", "^0.1.0"], ["dependencies", "file:../sdk", "^0.1.0"], ["dependencies", ">=0.1 <0.3", ">=0.1 <0.3"]])(
  "the SDK range of %s %s asks an engine for %s",
  async (field, range, sdk) => {
    expect((await buildPlugin(await plugin(`sdk-${field}-${range.replaceAll(/\W/g, "-")}`, asking(field, range)))).manifest.sdk).toBe(sdk)
  },
)

test.each([["^0.0.9", "but 0.1.0 is installed"], ["latest", "no range of versions"], ["*", "may break the plugin"], [">=0.1.0", "may break the plugin"]])("the SDK range %s is a fault: %s", async (range, message) => {
  const building = buildPlugin(await plugin(`sdk-${range.replaceAll(/\W/g, "-")}`, asking("dependencies", range)))
  await expect(building).rejects.toMatchObject({ faults: [{ place: "package.json", message: expect.stringContaining(message), mend: `Write "@veneer/sdk": "^0.1.0".` }] })
})
