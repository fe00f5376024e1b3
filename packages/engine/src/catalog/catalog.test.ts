import { readdir, readFile } from "node:fs/promises"
import { sql } from "kysely"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startTestCatalog, type TestCatalog } from "../../test/catalog.ts"
import { inTransaction } from "./catalog.ts"
import { eventsAfter, insertEvent, newestCursor } from "./events.ts"
import { migrate } from "./migrate.ts"
import { announcePresence } from "./presence.ts"
import { describeSchema } from "../../test/schema.ts"

let test: TestCatalog
beforeAll(async () => {
  test = await startTestCatalog()
})
afterAll(() => test.close())

describe("migrations", () => {
  it("make the tables of the committed description", async () => {
    expect(await describeSchema(test.db)).toBe(await readFile(new URL("./schema.txt", import.meta.url), "utf8"))
  })

  it("are applied once, also by engines that start together", async () => {
    await Promise.all([migrate(test.db), migrate(test.db)])
    const { rows } = await sql<{ name: string }>`select name from migrations order by name`.execute(test.db)
    expect(rows.map(({ name }) => name)).toEqual((await readdir(new URL("./migrations", import.meta.url))).sort())
  })
})

describe("events", () => {
  const event = (kind: string) => ({ kind, subjectKind: "vdb", subjectId: "x", data: {} })
  const kindsAfter = async (cursor: string) => (await eventsAfter(test.catalog, cursor, 100)).map(({ kind }) => kind)

  it("skips none, though a later one is committed first", async () => {
    const start = await newestCursor(test.catalog)
    let commit = () => undefined as void
    const held = new Promise<void>((resolve) => { commit = resolve })
    let inserted = () => undefined as void
    const early = new Promise<void>((resolve) => { inserted = resolve })
    const slow = inTransaction(test.catalog, async (within) => {
      await insertEvent(within, event("early"))
      inserted()
      await held
    })
    await early
    await insertEvent(test.catalog, event("late"))
    expect(await kindsAfter(start)).toEqual([])
    commit()
    await slow
    expect(await kindsAfter(start)).toEqual(["early", "late"])
  })

  it("goes on after a cursor", async () => {
    const start = await newestCursor(test.catalog)
    for (const kind of ["a", "b", "c"]) await insertEvent(test.catalog, event(kind))
    const [first] = await eventsAfter(test.catalog, start, 1)
    expect(await kindsAfter(first?.cursor ?? "")).toEqual(["b", "c"])
  })
})

describe("an engine's presence", () => {
  it("hears what others write, again after its connection was cut", async () => {
    const told: string[] = []
    const presence = await announcePresence(test.config, "present", { heard: () => told.push("heard"), lost: () => told.push("lost") })
    const write = () => insertEvent(test.catalog, { kind: "x", subjectKind: "vdb", subjectId: "x", data: {} })
    await write()
    await expect.poll(() => told).toEqual(["heard"])
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'veneer present'`.execute(test.db)
    await expect.poll(() => told).toEqual(["heard", "lost", "heard"])
    await write()
    await expect.poll(() => told).toEqual(["heard", "lost", "heard", "heard"])
    await presence.close()
  })

  it("is refused to a second engine of the same id", async () => {
    const presence = await announcePresence(test.config, "twice", { heard: () => undefined, lost: () => undefined })
    await expect(announcePresence(test.config, "twice", { heard: () => undefined, lost: () => undefined })).rejects.toMatchObject({ code: "conflict" })
    await presence.close()
  })
})
