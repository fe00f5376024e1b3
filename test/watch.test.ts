import { setTimeout as delay } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { finished, succeeded } from "./support/engine.ts"
import { createSandbox, type Sandbox } from "./support/sandbox.ts"
import { LACKS } from "./support/server.ts"
import { startSteady, type Steady } from "./support/steady.ts"

/** Everything is looked at as soon as it is due. */
const RHYTHM = { tickMs: 100, healthMs: 300, sizeMs: 300, workerMs: 300 }

describe.skipIf(LACKS !== undefined)(`what the engine does by itself${LACKS === undefined ? "" : ` (skipped: ${LACKS})`}`, () => {
  let sandbox: Sandbox
  let steady: Steady

  beforeAll(async () => {
    sandbox = await createSandbox("watch")
    steady = await startSteady(sandbox, RHYTHM)
    await steady.tell("vdb-dev", "active")
    await steady.link("sales")
    await succeeded(steady.engine.client, (await steady.engine.client.provisionVdb({ body: { name: "dev", from: "sales" } })).job)
  })

  afterAll(async () => {
    await steady?.engine.stop()
    await sandbox?.clear()
  })

  const dsource = () => steady.engine.client.showDsource({ params: { id: "sales" } })
  const vdb = () => steady.engine.client.showVdb({ params: { id: "dev" } })
  const workers = async () => (await steady.engine.client.listJobs({ query: { limit: 100 } })).items.filter(({ kind }) => kind === "worker")
  const runs = async () => (await steady.journal()).filter((line) => line.startsWith("worker sales"))

  it("asks how dSources and VDBs are, and keeps what it saw with its reason, its action and its time", async () => {
    await steady.tell("staging", "degraded|It lags.|Wait.")
    await steady.tell("vdb-dev", "degraded|It is slow.")
    await expect.poll(async () => (await dsource()).health).toMatchObject({ state: "degraded", reason: "It lags.", action: "Wait.", checkedAt: expect.any(String) })
    await expect.poll(async () => (await vdb()).health).toMatchObject({ state: "degraded", reason: "It is slow." })
    const before = (await vdb()).health?.checkedAt ?? ""
    await expect.poll(async () => ((await vdb()).health?.checkedAt ?? "") > before).toBe(true)
  })

  it("says unknown, never inactive, of what can't be asked", async () => {
    await steady.forget("vdb-dev")
    await expect.poll(async () => (await vdb()).health).toMatchObject({ state: "unknown", reason: expect.stringContaining("vdb-dev"), action: expect.stringMatching(/\S/) })
    expect(await steady.engine.client.showVdbStatus({ params: { id: "dev" } })).toMatchObject({ state: "unknown" })
    await steady.tell("vdb-dev", "active")
    expect(await steady.engine.client.showVdbStatus({ params: { id: "dev" } })).toEqual({ state: "active" })
    expect((await vdb()).health?.state).toBe("active")
    expect(await steady.engine.client.showDsourceStatus({ params: { id: "sales" } })).toMatchObject({ state: "degraded" })
  })

  it("forgets what it saw when the state changes, and doesn't look at what is detached", async () => {
    await steady.tell("vdb-dev", "inactive")
    await succeeded(steady.engine.client, await steady.engine.client.disableVdb({ params: { id: "dev" } }))
    expect((await vdb()).health).toBeUndefined()
    expect(await steady.engine.client.showVdbStatus({ params: { id: "dev" } })).toMatchObject({ state: "inactive" })
    await delay(1_000)
    expect((await vdb()).health).toBeUndefined()
    await steady.tell("vdb-dev", "active")
    await succeeded(steady.engine.client, await steady.engine.client.enableVdb({ params: { id: "dev" } }))
    await expect.poll(async () => (await vdb()).health?.state).toBe("active")
  })

  it("tells of a change of health by an event, not of each look", async () => {
    const heard: string[] = []
    const stop = new AbortController()
    const listening = steady.engine.client.watchEvents({ signal: stop.signal, onEvent: ({ kind }) => heard.push(kind) }).catch(() => undefined)
    await delay(500)
    await steady.tell("vdb-dev", "degraded")
    await expect.poll(() => heard).toContain("vdb.health")
    await delay(1_500)
    stop.abort()
    await listening
    expect(heard.filter((kind) => kind === "vdb.health")).toHaveLength(1)
    expect(heard.filter((kind) => kind.startsWith("job."))).toEqual([])
    await steady.tell("vdb-dev", "active")
  })

  it("measures sizes", async () => {
    await steady.tell("size", "4711")
    await expect.poll(async () => [(await dsource()).sizeBytes, (await vdb()).sizeBytes]).toEqual([4711, 4711])
  })

  it("runs a worker again and again, and keeps but its last job", async () => {
    const before = (await runs()).length
    await expect.poll(async () => (await runs()).length).toBeGreaterThan(before + 4)
    expect((await workers()).length).toBeLessThanOrEqual(2)
  })

  it("runs no worker beside a job on the same dSource", async () => {
    await steady.tell("hold", "")
    const job = await steady.engine.client.syncDsource({ params: { id: "sales" }, body: {} })
    await expect.poll(async () => (await steady.journal()).at(-1)).toBe("sync sales begins")
    await delay(1_500)
    expect((await steady.journal()).at(-1)).toBe("sync sales begins")
    await steady.forget("hold")
    await succeeded(steady.engine.client, job)
    const journal = await steady.journal()
    const open = journal.findLastIndex((line) => line === "sync sales begins")
    expect(journal[open + 1]).toBe("sync sales ends")
  })

  it("ends a worker for what a person asks for", async () => {
    await steady.tell("work", "")
    await expect.poll(async () => (await steady.journal()).at(-1)).toBe("worker sales begins")
    const [running] = await workers()
    await succeeded(steady.engine.client, await steady.engine.client.syncDsource({ params: { id: "sales" }, body: {} }))
    expect((await finished(steady.engine.client, { id: running?.id ?? "" }).catch(() => undefined))?.state ?? "cancelled").toBe("cancelled")
    await steady.forget("work")
    await expect.poll(async () => (await steady.journal()).at(-1)).toBe("worker sales ends")
  })

  it("a worker that fails is a failed job with its reason, and the next one runs", async () => {
    await steady.tell("fail", "")
    await expect.poll(async () => (await workers()).find(({ state }) => state === "failed")).toMatchObject({ problem: { code: "plugin_failed", message: expect.stringContaining("told to fail") } })
    await steady.forget("fail")
    await expect.poll(async () => (await steady.journal()).at(-1)).toBe("worker sales ends")
  })

  it("takes up a worker that a killed engine left", async () => {
    await steady.tell("work", "")
    await expect.poll(async () => (await steady.journal()).at(-1)).toBe("worker sales begins")
    const times = (await runs()).length
    await steady.engine.plan([{ job: "sync", step: "mount", moment: "begun", act: "kill" }])
    await steady.engine.client.syncDsource({ params: { id: "sales" }, body: {} }).catch(() => undefined)
    await steady.engine.ended
    await steady.forget("work")
    const engine = await steady.home.start()
    Object.assign(steady, { engine })
    await expect.poll(async () => (await runs()).length).toBeGreaterThan(times + 2)
    expect((await engine.client.examine()).items).toEqual([])
  })

  it("runs none for a dSource that is disabled", async () => {
    await succeeded(steady.engine.client, await steady.engine.client.disableDsource({ params: { id: "sales" } }))
    const times = (await runs()).length
    await delay(1_500)
    expect(await runs()).toHaveLength(times)
    expect(await steady.journal()).toContain("stop staging sales disable")
    await succeeded(steady.engine.client, await steady.engine.client.enableDsource({ params: { id: "sales" } }))
    expect(await steady.journal()).toContain("start staging sales 1")
  })
})
