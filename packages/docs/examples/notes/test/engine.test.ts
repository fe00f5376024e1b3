import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { throwawayEngine, type ThrowawayEngine } from "@veneer/testkit"
import { afterAll, beforeAll, describe, expect, test } from "vitest"

/** What starting and stopping an engine may take. */
const MINUTES = 300_000
const LACKS = existsSync("/usr/lib/postgresql") ? undefined : "no PostgreSQL for the engine's catalog"

describe.skipIf(LACKS !== undefined)(`in an engine${LACKS === undefined ? "" : ` (skipped: ${LACKS})`}`, () => {
  let source = ""
  let engine: ThrowawayEngine

  beforeAll(async () => {
    source = mkdtempSync("/tmp/notes-")
    for (const name of [".notes", "monday.md"]) writeFileSync(`${source}/${name}`, name)
    engine = await throwawayEngine({ plugin: new URL("..", import.meta.url) })
  }, MINUTES)

  afterAll(async () => {
    await engine?.stop()
    rmSync(source, { recursive: true })
  }, MINUTES)

  test("a diary becomes a VDB", async () => {
    const { client } = engine
    const { items } = await client.listSourceConfigs({ query: { limit: 100 } })
    const found = items.find(({ name }) => name === source)
    const linked = await client.linkDsource({ body: { name: "diary", source: found?.id ?? "", parameters: {} } })
    await engine.succeeded(linked.job)
    const made = await client.provisionVdb({ body: { name: "copy", from: "diary", parameters: {} } })
    await engine.succeeded(made.job)
    const { sourceConfig } = await client.showVdb({ params: { id: made.vdb.id } })
    expect(readdirSync(String(sourceConfig?.["directory"]))).toEqual(["monday.md"])
  }, MINUTES)
})
