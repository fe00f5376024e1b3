import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { changed, SOUND, writePlugin } from "../../test/plugin-folder.ts"
import { checkFolder } from "./check.ts"
import { addMigration } from "./migration.ts"

let folder = ""
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "veneer-migration-"))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const plugin = (name: string, files = SOUND) => writePlugin(join(folder, name), files)
const declared = async (directory: string) => (await checkFolder(directory)).sound?.description.migrations

test("the first migration of a plugin is declared at once, and those after it come in order", async () => {
  const directory = await plugin("one")
  expect(await addMigration(directory, "snapshot")).toEqual({ id: "1", kind: "snapshot", file: "src/migrations/1-snapshot.ts", changed: ["src/migrations/index.ts", "src/index.ts"], declared: true })
  expect(await addMigration(directory, "virtualSource", { id: "2024.09.0" })).toMatchObject({ id: "2024.9", changed: ["src/migrations/index.ts"], declared: true })
  expect(await addMigration(directory, "virtualSource")).toMatchObject({ id: "2024.10", file: "src/migrations/2024.10-virtualSource.ts" })
  expect(await declared(directory)).toEqual([{ id: "1", kind: "snapshot" }, { id: "2024.9", kind: "virtualSource" }, { id: "2024.10", kind: "virtualSource" }])
  expect((await checkFolder(directory, { thorough: true })).faults).toEqual([])
  const entry = await readFile(join(directory, "src/index.ts"), "utf8")
  expect(entry).toContain(`import { say } from "./say.ts"\nimport { migrations } from "./migrations/index.ts"\n`)
  expect(entry).toContain("definePlugin({\n  migrations,\n  id:")
})

test("a plugin that declares migrations in its own way keeps its entry file, and its ids are counted", async () => {
  const entry = changed("src/index.ts", "  id: \"mini\",", `  migrations: [migration("3", "snapshot", (old) => old)],\n  id: "mini",`)
  const directory = await plugin("own", { ...entry, "src/index.ts": (entry["src/index.ts"] ?? "").replace("{ definePlugin", "{ migration, definePlugin") })
  const before = await readFile(join(directory, "src/index.ts"), "utf8")
  expect(await addMigration(directory, "linkedSource")).toMatchObject({ id: "4", changed: ["src/migrations/index.ts"], declared: false })
  expect(await readFile(join(directory, "src/index.ts"), "utf8")).toBe(before)
})

test("what can't be done is refused, and nothing is written", async () => {
  const directory = await plugin("refused")
  await addMigration(directory, "snapshot", { id: "1.2" })
  await expect(addMigration(directory, "snapshot", { id: "01.02" })).rejects.toMatchObject({ name: "UsageError", message: "The plugin has a migration 1.2.", action: "Leave --id out for the next one, 1.3." })
  await expect(addMigration(directory, "snapshot", { id: "0" })).rejects.toThrow(`"0" is no id of a migration.`)
  await expect(addMigration(directory, "vdb")).rejects.toMatchObject({ action: "The kinds are repository, sourceConfig, linkedSource, virtualSource, snapshot." })
  expect(await declared(directory)).toEqual([{ id: "1.2", kind: "snapshot" }])
  await expect(addMigration(await plugin("broken", changed("src/index.ts", "ingestion: \"staged\"", "ingestion: \"both\" as never")), "snapshot")).rejects.toMatchObject({ name: "PluginFaultsError" })
})
