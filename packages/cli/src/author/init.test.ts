import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { execa } from "execa"
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
    const { files } = await initPlugin(directory, { id: "odd-1", name: `It's "odd" \\ ü`, ingestion })
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

const foreign = {
  repositoryDefinition: { type: "object", properties: { path: { type: "string" } }, required: ["path"], identityFields: ["path"], nameField: "path" },
  sourceConfigDefinition: { type: "object", properties: { name: { type: "string" } }, required: ["name"], identityFields: ["name"], nameField: "name" },
  linkedSourceDefinition: { type: "object", properties: { password: { type: "string", format: "password" }, size: { type: "intger" } }, required: ["password"] },
  virtualSourceDefinition: { type: "object", properties: {} },
  snapshotDefinition: { type: "object", properties: {} },
}

test.each(["staged", "direct"] as const)("the schema.json of another kind of plugin becomes a %s one that has no fault and passes its tests; what did not carry over is listed", async (ingestion) => {
  const directory = join(folder, `imported-${ingestion}`)
  const { files, notes } = await initPlugin(directory, { id: "imported", name: "Imported", ingestion, foreignSchema: foreign })
  expect(files).toEqual(await filesBelow(directory))
  expect(files).not.toContain("scripts/find-directories.sh")
  expect(notes.map(({ pointer }) => pointer)).toContain("/linkedSourceDefinition/properties/size/type")
  expect(await readFile(join(directory, "README.md"), "utf8")).toContain("- `/linkedSourceDefinition/properties/size/type`: ")
  await symlink(MODULES, join(directory, "node_modules"))
  const { faults, sound } = await checkFolder(directory, { thorough: true })
  expect(faults).toEqual([])
  expect(sound?.description.schemas.linkedSource).toMatchObject({ properties: { password: { format: "password" } } })
  const { exitCode, stdout } = await execa("npx", ["vitest", "run"], { cwd: directory, reject: false, env: { NO_COLOR: "1" } })
  expect(stdout).toContain("1 passed")
  expect(exitCode).toBe(0)
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
  expect((await initPlugin(fresh, wanted)).files).toContain("package.json")
})

test.each([["", "A"], ["A", "A"], ["1a", "A"], ["a b", "A"], ["a".repeat(64), "A"], ["a", ""], ["a", " "], ["a", "two\nlines"], ["a", "x".repeat(81)]])("the id %j with the name %j is refused", async (id, name) => {
  await expect(initPlugin(join(folder, "refused"), { id, name, ingestion: "staged" })).rejects.toMatchObject({ name: "UsageError", action: expect.stringMatching(/--id|--name/) })
})

test("an id and a name are suggested by the folder", () => {
  expect(["/x/My Source_2", "/x/42-things", "/x/---", "/x/plain"].map(suggestedId)).toEqual(["my-source-2", "things", "my-source", "plain"])
  expect(suggestedName("my-source-2")).toBe("My source 2")
})
