import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { UnreachableError, type Client } from "@veneer/engine/client"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createEngineHome, succeeded, type EngineHome, type Incident } from "./support/engine.ts"
import { growing } from "./support/growing.ts"
import { createSandbox, type Sandbox } from "./support/sandbox.ts"

let sandbox: Sandbox
let home: EngineHome

beforeAll(async () => {
  sandbox = await createSandbox("crash-upgrade")
  home = createEngineHome(sandbox, { driver: "copy" })
})
afterAll(() => sandbox.clear())

/** Each build adds its number to what snapshots hold, and asks for it there. */
const build = (number: number) => growing(sandbox, {
  build: String(number), schemas: { snapshot: `Type.Object({ taken: Type.String({ pattern: " ${number}$|^now$" }) })` },
  migrations: Array.from({ length: number - 1 }, (_, index) => `migration("${index + 2}", "snapshot", (old) => ({ taken: String(old["taken"]) + " ${index + 2}" }))`),
})

/** What holds of an engine that has build `number` and nothing else of the plugin. */
async function whole(client: Client, number: number): Promise<void> {
  expect(await client.showPlugin({ params: { id: "growing" } })).toMatchObject({ buildNumber: String(number) })
  const { items } = await client.listSnapshots({ query: { dsource: "sales" } })
  const [oldest] = items.toReversed()
  expect(oldest?.metadata).toEqual({ taken: ["now", ...Array.from({ length: number - 1 }, (_, index) => index + 2)].join(" ") })
  const artifacts = (await readdir(join(home.dataDir, "plugins"))).filter((name) => name !== "package.json")
  expect(artifacts).toHaveLength(1)
  const manifest: { buildNumber: string } = JSON.parse(await readFile(join(home.dataDir, "plugins", artifacts[0] ?? "", "manifest.json"), "utf8"))
  expect(manifest.buildNumber).toBe(String(number))
  // The process that answers is of that build, too.
  const lines: string[] = []
  const { id } = await client.syncDsource({ params: { id: "sales" }, body: {} })
  await client.watchJob(id, { onLine: ({ line }) => void lines.push(line) })
  expect(lines).toContain(String(number))
  expect((await client.examine()).items).toEqual([])
}

const moments: (Pick<Incident, "step" | "moment"> & { then: "old" | "new" })[] = [
  { step: "unpack", moment: "begun", then: "old" }, { step: "unpack", moment: "happened", then: "old" }, { step: "examine", moment: "happened", then: "old" },
  { step: "swap", moment: "begun", then: "old" }, { step: "swap", moment: "happened", then: "old" }, { step: "swap", moment: "recorded", then: "new" },
]

test("an engine that is killed at any moment of an upgrade has the old build or the new one, whole, and lets it be repeated", async () => {
  let engine = await home.start()
  await engine.client.uploadPlugin({ body: await build(1) })
  await succeeded(engine.client, (await engine.client.addEnvironment({ body: { name: "here", kind: "local" } })).job)
  await succeeded(engine.client, (await engine.client.linkDsource({ body: { name: "sales", source: "main", parameters: { address: "db", password: "s3cr3t" } } })).job)
  let number = 1
  await whole(engine.client, number)
  for (const { then, ...moment } of moments) {
    const next = await build(number + 1)
    await engine.plan([{ job: "upload", ...moment, act: "kill" }])
    await expect(engine.client.uploadPlugin({ body: next, query: { upgrade: true } })).rejects.toBeInstanceOf(UnreachableError)
    await engine.ended
    engine = await home.start()
    await whole(engine.client, then === "old" ? number : number + 1)
    expect(await engine.client.uploadPlugin({ body: next })).toMatchObject({ outcome: then === "old" ? "upgraded" : "unchanged" })
    number++
    await whole(engine.client, number)
  }
  await engine.stop()
})
