import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest"
import { startTestCatalog, type TestCatalog } from "../../test/catalog.ts"
import { inTransaction } from "../catalog/catalog.ts"
import { newId } from "../catalog/ids.ts"
import { findJob, insertJob } from "../catalog/jobs.ts"
import { Changes } from "./changes.ts"
import type { Job } from "./job.ts"
import { Queue } from "./queue.ts"

let test: TestCatalog
beforeAll(async () => {
  test = await startTestCatalog()
})
afterAll(() => test.close())

/** Jobs that wait until they are let go. */
let held: Map<string, () => void>
let order: string[]
let queues: Queue[]
let unbegun: string[]
beforeEach(() => {
  held = new Map()
  order = []
  queues = []
  unbegun = []
})
afterEach(() => Promise.all(queues.map((queue) => queue.stop())))

function start(engineId: string, leaseMs = 60_000): { queue: Queue; changes: Changes } {
  const changes = new Changes()
  const hold = async (job: Job, request: Record<string, unknown>) => {
    await job.step("hold", {
      run: (step) => new Promise((resolve, reject) => {
        order.push(String(request["label"]))
        held.set(String(request["label"]), () => resolve(null))
        step.signal.addEventListener("abort", () => reject(new Error("told to stop")))
      }),
    })
  }
  const queue = new Queue({
    catalog: test.catalog, engineId, changes, observe: () => undefined, workflows: { hold }, concurrency: 4, leaseMs,
    report: (thrown) => { throw thrown }, unbegun: async (_, { id }) => void unbegun.push(id), ending: async () => undefined,
  })
  queues.push(queue)
  return { queue, changes }
}

async function add(label: string, lock: string): Promise<string> {
  const id = newId()
  await insertJob(test.catalog, { id, kind: "hold", request: { label }, subject: { kind: "vdb", id: lock, name: label }, locks: [lock] })
  return id
}

const stateOf = async (id: string) => (await findJob(test.catalog, id))?.state
const release = (label: string) => held.get(label)?.()

it("runs jobs without a common lock at once, and those with one in the order they came", async () => {
  const first = await add("first", "a")
  const second = await add("second", "a")
  const other = await add("other", "b")
  const { queue } = start("one")
  await queue.start()
  await expect.poll(() => order).toEqual(["first", "other"])
  expect(await stateOf(second)).toBe("queued")
  release("first")
  await expect.poll(() => order).toEqual(["first", "other", "second"])
  expect(await stateOf(first)).toBe("succeeded")
  release("second")
  release("other")
  await expect.poll(() => Promise.all([second, other].map(stateOf))).toEqual(["succeeded", "succeeded"])
})

it("cancels a running job and one that waits, each with the code that says so", async () => {
  const running = await add("running", "c")
  const waiting = await add("waiting", "c")
  const { queue } = start("one")
  await queue.start()
  await expect.poll(() => order).toEqual(["running"])
  expect(await queue.cancel(waiting)).toBe(true)
  expect(await queue.cancel(running)).toBe(true)
  await expect.poll(() => Promise.all([running, waiting].map(stateOf))).toEqual(["cancelled", "cancelled"])
  for (const id of [running, waiting]) expect((await findJob(test.catalog, id))?.problem?.code).toBe("cancelled")
  expect(unbegun).toEqual([waiting])
  expect(await queue.cancel(running)).toBe(false)
})

it("takes over a job whose engine is gone once the lease ends, and never earlier", async () => {
  const id = await add("orphan", "d")
  const dead = start("dead")
  await dead.queue.start()
  await expect.poll(() => order).toEqual(["orphan"])
  const before = await findJob(test.catalog, id)
  const { queue } = start("other", 300)
  await queue.start()
  queue.poke()
  expect((await findJob(test.catalog, id))?.fence).toBe(before?.fence)
  await test.db.updateTable("jobs").set({ lease_until: new Date(0) }).where("id", "=", id).execute()
  await expect.poll(() => order).toEqual(["orphan", "orphan"])
  expect((await findJob(test.catalog, id))?.fence).toBe((before?.fence ?? 0) + 1)
  release("orphan")
  await expect.poll(() => stateOf(id)).toBe("succeeded")
})

it("runs a job at once that was claimed as it was written, unless it was not committed or has to wait", async () => {
  const running = await add("running", "f")
  const { queue } = start("one")
  await queue.start()
  await expect.poll(() => order).toEqual(["running"])
  const write = async (label: string, lock: string, { fails = false } = {}) => {
    const id = newId()
    const slot = queue.slot()
    const written = await inTransaction(test.catalog, async (within) => {
      const job = await insertJob(within, { id, kind: "hold", request: { label }, subject: { kind: "vdb", id: lock, name: label }, locks: [lock] }, slot?.claim)
      if (fails) throw new Error("not committed")
      return job
    }).catch(() => undefined)
    slot?.run(written)
    return id
  }
  const atOnce = await write("at once", "g")
  const waits = await write("waits", "f")
  const never = await write("never", "h", { fails: true })
  await expect.poll(() => order).toEqual(["running", "at once"])
  expect(await Promise.all([atOnce, waits, never].map(stateOf))).toEqual(["running", "queued", undefined])
  release("running")
  await expect.poll(() => order).toEqual(["running", "at once", "waits"])
  for (const label of ["at once", "waits"]) release(label)
  await expect.poll(() => Promise.all([running, atOnce, waits].map(stateOf))).toEqual(["succeeded", "succeeded", "succeeded"])
})

it("keeps room for no more jobs than it runs at once", async () => {
  const { queue } = start("one")
  await queue.start()
  const slots = [1, 2, 3, 4, 5].map(() => queue.slot())
  expect(slots.map((slot) => slot !== undefined)).toEqual([true, true, true, true, false])
  slots[0]?.run(undefined)
  expect(queue.slot()).toBeDefined()
})

it("goes on at once with what its own dead self left", async () => {
  const id = await add("mine", "e")
  const first = start("same")
  await first.queue.start()
  await expect.poll(() => order).toEqual(["mine"])
  await first.queue.stop()
  expect(await stateOf(id)).toBe("running")
  const second = start("same")
  await second.queue.start()
  await expect.poll(() => order).toEqual(["mine", "mine"])
  release("mine")
  await expect.poll(() => stateOf(id)).toBe("succeeded")
})

it("fails a job of a kind it does not know, and says so", async () => {
  const id = newId()
  await insertJob(test.catalog, { id, kind: "unheard-of", request: {}, subject: { kind: "vdb", id, name: "x" }, locks: [] })
  const { queue } = start("one")
  await queue.start()
  await expect.poll(() => stateOf(id)).toBe("failed")
})
