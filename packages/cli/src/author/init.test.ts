import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { checkFolder } from "./check.ts"
import { initPlugin, suggestedId, suggestedName } from "./init.ts"
import { filesBelow } from "./layout.ts"

const MODULES = fileURLToPath(new URL("../../../../node_modules", import.meta.url))

let folder = ""

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "veneer-init-"))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each(["staged", "direct"] as const)("a new %s plugin", (ingestion) => {
  test("has no fault of any kind, whatever it is called", async () => {
    const directory = join(folder, ingestion)
    const files = await initPlugin(directory, { id: "odd-1", name: `It's "odd" \\ ü`, ingestion })
    expect(files).toEqual(await filesBelow(directory))
    expect(files).toEqual(expect.arrayContaining([".gitignore", "README.md", "package.json", "src/index.ts", "src/schemas.ts", "src/scripts.ts", "test/plugin.test.ts", "tsconfig.json"]))
    await symlink(MODULES, join(directory, "node_modules"))
    const { faults, notes, sound } = await checkFolder(directory, { thorough: true })
    expect({ faults, notes }).toEqual({ faults: [], notes: [] })
    expect(sound).toMatchObject({ sdk: "^0.1.0", description: { id: "odd-1", name: `It's "odd" \\ ü`, ingestion } })
  })

  test("keeps nothing of the template's names", async () => {
    const files = await filesBelow(join(folder, ingestion)).then((all) => all.filter((file) => !file.startsWith("node_modules")))
    const texts = await Promise.all(files.map((file) => readFile(join(folder, ingestion, file), "utf8")))
    expect(texts.join("\n")).not.toMatch(/template/i)
  })
})

const wanted = { id: "a", name: "A", ingestion: "staged" } as const

test("a folder that holds anything is refused and left as it is; one with a repository only will do", async () => {
  const used = join(folder, "used")
  await mkdir(used)
  await writeFile(join(used, "notes.txt"), "mine")
  await expect(initPlugin(used, wanted)).rejects.toMatchObject({ name: "UsageError", message: expect.stringContaining("not an empty folder") })
  await expect(initPlugin(join(used, "notes.txt"), wanted)).rejects.toMatchObject({ name: "UsageError" })
  expect(await readdir(used)).toEqual(["notes.txt"])
  const fresh = join(folder, "fresh")
  await mkdir(join(fresh, ".git"), { recursive: true })
  expect(await initPlugin(fresh, wanted)).toContain("package.json")
})

test.each([["", "A"], ["A", "A"], ["1a", "A"], ["a b", "A"], ["a".repeat(64), "A"], ["a", ""], ["a", " "], ["a", "two\nlines"], ["a", "x".repeat(81)]])("the id %j with the name %j is refused", async (id, name) => {
  await expect(initPlugin(join(folder, "refused"), { id, name, ingestion: "staged" })).rejects.toMatchObject({ name: "UsageError", action: expect.stringMatching(/--id|--name/) })
})

test("an id and a name are suggested by the folder", () => {
  expect(["/x/My Source_2", "/x/42-things", "/x/---", "/x/plain"].map(suggestedId)).toEqual(["my-source-2", "things", "my-source", "plain"])
  expect(suggestedName("my-source-2")).toBe("My source 2")
})
