import { setTimeout as delay } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { pluginLog, startApi, type TestApi } from "../../test/api.ts"
import { conduct } from "../../test/jobs.ts"
import type { Event, Job, JobLine } from "../client/index.ts"
import { createClient } from "../client/index.ts"
import type { Fetch } from "../client/transport.ts"

let api: TestApi
beforeAll(async () => {
  api = await startApi()
  await api.client.createEmptyVdb({ body: { name: "dev", plugin: "toy", environment: "local" } }).then(({ job }) => api.client.watchJob(job.id))
})
afterAll(() => api.close())

const dev = { params: { id: "dev" } }

describe("an Idempotency-Key", () => {
  it("makes a repeated POST answer what the first one did", async () => {
    const first = await api.client.startVdb({ ...dev, idempotencyKey: "one" })
    const second = await api.client.startVdb({ ...dev, idempotencyKey: "one" })
    expect(second.id).toBe(first.id)
    expect((await api.client.startVdb({ ...dev, idempotencyKey: "two" })).id).not.toBe(first.id)
  })

  it("belongs to one request", async () => {
    await api.client.stopVdb({ ...dev, idempotencyKey: "mine" })
    await expect(api.client.startVdb({ ...dev, idempotencyKey: "mine" })).rejects.toMatchObject({ code: "conflict", status: 409 })
    await expect(api.client.refreshVdb({ ...dev, body: { at: "latest" }, idempotencyKey: "mine" })).rejects.toMatchObject({ code: "conflict" })
    await expect(api.client.startVdb({ ...dev, idempotencyKey: "x".repeat(300) })).rejects.toMatchObject({ code: "invalid_request" })
  })

  it("lets one of two requests at once through", async () => {
    const body = { name: "twice", driver: "copy" }
    const answers = await Promise.allSettled([1, 2].map(() => api.client.createPool({ body, idempotencyKey: "at-once" })))
    expect(answers.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"])
    expect(answers.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "conflict" } })
    expect(await api.client.createPool({ body, idempotencyKey: "at-once" })).toMatchObject({ name: "twice" })
  })

  it("can be used again after a failure, and keeps no secret", async () => {
    await expect(api.client.startVdb({ params: { id: "later" }, idempotencyKey: "again" })).rejects.toMatchObject({ code: "not_found" })
    await api.client.createEmptyVdb({ body: { name: "later", plugin: "toy", environment: "local" } })
    expect(await api.client.startVdb({ params: { id: "later" }, idempotencyKey: "again" })).toMatchObject({ kind: "start" })
    const { token } = await api.client.createToken({ body: { name: "once" }, idempotencyKey: "token" })
    await expect(api.client.createToken({ body: { name: "once" }, idempotencyKey: "token" })).rejects.toMatchObject({ code: "conflict" })
    const kept = await api.catalog.db.selectFrom("idempotency").selectAll().execute()
    expect(JSON.stringify(kept)).not.toContain(token)
  })
})

describe("following a job", () => {
  it("tells of every line and ends with its end", async () => {
    const { id } = await api.client.snapshotVdb(dev)
    const lines: JobLine[] = []
    const states: Job["state"][] = []
    const job = await api.client.watchJob(id, { onJob: ({ state }) => states.push(state), onLine: (line) => lines.push(line) })
    expect(job).toMatchObject({ state: "succeeded", steps: [{ name: "prepare", state: "done" }, { name: "work", state: "done" }] })
    expect(job.steps.every(({ ms }) => ms !== undefined && ms >= 0)).toBe(true)
    expect(lines.map(({ line }) => line).slice(1)).toEqual(["part 1", "part 2", "part 3"])
    expect(states.at(-1)).toBe("succeeded")
  })

  it("goes on where it broke off, without a line lost or told twice", async () => {
    conduct.next = "slowly"
    const { id } = await api.client.snapshotVdb(dev)
    let cuts = 0
    const isBroken = () => cuts === 3
    const breaking: Fetch = async (url, init) => {
      const response = await fetch(url, init)
      const reader = response.body?.getReader()
      return {
        ok: response.ok, status: response.status, text: () => response.text(),
        // The first connections break after a chunk or two.
        body: reader ? { getReader: () => {
          let reads = 0
          return { cancel: () => reader.cancel(), read: async () => {
            if (cuts < 3 && reads++ > Math.min(cuts, 1)) {
              cuts++
              throw new Error("The line is cut.")
            }
            return reader.read()
          } }
        } } : null,
      }
    }
    const lines: string[] = []
    const watching = createClient({ url: api.url, token: api.token, fetch: breaking }).watchJob(id, { onLine: ({ line }) => lines.push(line) })
    while (!isBroken()) await delay(20)
    await api.client.cancelJob({ params: { id } })
    expect(await watching).toMatchObject({ state: "cancelled", problem: { code: "cancelled" } })
    expect(lines.slice(1)).toEqual(["part 1", "part 2", "part 3"])
    await expect(api.client.cancelJob({ params: { id } })).rejects.toMatchObject({ code: "wrong_state" })
  })

  it("tells why a job failed, and shows progress while it runs", async () => {
    conduct.next = "badly"
    const failed = await api.client.watchJob((await api.client.stopVdb(dev)).id)
    expect(failed).toMatchObject({ state: "failed", problem: { code: "script_failed", output: expect.stringContaining("no space") } })
    conduct.next = "slowly"
    const { id } = await api.client.stopVdb(dev)
    await new Promise<void>((resolve) => {
      void api.client.watchJob(id, { onJob: (job) => { if (job.progress?.fraction === 1) resolve() } })
    })
    expect(await api.client.showJob({ params: { id } })).toMatchObject({ progress: { step: "work", fraction: 1, message: "part 3 of 3" } })
    await api.client.cancelJob({ params: { id } })
  })

  it("pages through the log", async () => {
    const { id } = await api.client.snapshotVdb(dev)
    await api.client.watchJob(id)
    const first = await api.client.listJobLines({ params: { id }, query: { limit: 3 } })
    const rest = await api.client.listJobLines({ params: { id }, query: { after: Number(first.next) } })
    expect([...first.items, ...rest.items]).toHaveLength(4)
    expect(rest.next).toBeUndefined()
  })
})

describe("following what a plugin writes", () => {
  it("begins with what is kept, goes on as lines come, and resumes where a connection broke", async () => {
    const lines: string[] = []
    const stop = new AbortController()
    let cuts = 0
    const breaking: Fetch = async (url, init) => {
      const response = await fetch(url, init)
      const reader = response.body?.getReader()
      return {
        ok: response.ok, status: response.status, text: () => response.text(),
        body: reader ? { getReader: () => ({
          cancel: () => reader.cancel(),
          read: async () => {
            if (lines.length > 1 && cuts++ === 0) throw new Error("The line is cut.")
            return reader.read()
          },
        }) } : null,
      }
    }
    const following = createClient({ url: api.url, token: api.token, fetch: breaking }).watchPluginLogs("toy", { onLine: (line) => lines.push(line), signal: stop.signal }).catch(() => undefined)
    await expect.poll(() => lines).toEqual(["loaded"])
    pluginLog.add("second")
    await expect.poll(() => lines).toHaveLength(2)
    pluginLog.add("third")
    await expect.poll(() => lines).toEqual(["loaded", "second", "third"])
    stop.abort()
    await following
    expect(cuts).toBeGreaterThan(0)
    await expect(api.client.watchPluginLogs("nope", { onLine: () => undefined })).rejects.toMatchObject({ code: "not_found" })
  })
})

describe("following events", () => {
  it("begins now, and resumes after the one last seen", async () => {
    const seen: Event[] = []
    const stop = new AbortController()
    const watching = api.client.watchEvents({ onEvent: (event) => seen.push(event), signal: stop.signal }).catch(() => undefined)
    await delay(200)
    const { id } = await api.client.startVdb(dev)
    while (!seen.some(({ kind, subjectId }) => kind === "job.succeeded" && subjectId === id)) await delay(20)
    stop.abort()
    await watching
    const kinds = seen.filter(({ subjectId }) => subjectId === id).map(({ kind }) => kind)
    expect(kinds).toEqual(["job.queued", "job.running", "job.succeeded"])
    const again: Event[] = []
    const second = new AbortController()
    const resumed = api.client.watchEvents({ after: seen[0]?.cursor, signal: second.signal, onEvent: (event) => again.push(event) }).catch(() => undefined)
    while (again.length < seen.length - 1) await delay(20)
    second.abort()
    await resumed
    expect(again.slice(0, seen.length - 1)).toEqual(seen.slice(1))
  })
})
