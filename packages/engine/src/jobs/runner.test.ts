import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { Secret } from "@veneer/sdk"
import { startTestCatalog, type TestCatalog } from "../../test/catalog.ts"
import { newId } from "../catalog/ids.ts"
import { claimJob, findJob, insertJob, type JobRecord } from "../catalog/jobs.ts"
import { listSteps } from "../catalog/steps.ts"
import type { Effect, Job } from "./job.ts"
import { JobLog } from "./log.ts"
import { Runner } from "./runner.ts"

let test: TestCatalog
beforeAll(async () => {
  test = await startTestCatalog()
})
afterAll(() => test.close())

/** What happened, in order. */
let done: string[]
let job: JobRecord
beforeEach(async () => {
  done = []
  job = await claim()
})

async function claim(): Promise<JobRecord> {
  await test.db.updateTable("jobs").set({ state: "cancelled" }).where("state", "in", ["queued", "running", "undoing"]).execute()
  await insertJob(test.catalog, { id: newId(), kind: "test", request: {}, subject: { kind: "vdb", id: newId(), name: "x" }, locks: [] })
  const claimed = await claimJob(test.catalog, { engineId: "engine", leaseMs: 60_000 })
  if (!claimed) throw new Error("the job just inserted can be claimed")
  return claimed
}

const effect = (name: string, output: unknown = name): Effect<unknown> => ({
  run: async () => {
    done.push(name)
    return output
  },
  undo: async () => void done.push(`undo ${name}`),
})
const failing = (name: string): Effect<never> => ({
  run: async () => {
    done.push(name)
    throw new Error(`${name} failed`)
  },
  undo: async () => void done.push(`undo ${name}`),
})

function runner({ undoOnly = false, dieAt, cancelled = new AbortController().signal, fence = job.fence }: { undoOnly?: boolean; dieAt?: string; cancelled?: AbortSignal; fence?: number } = {}): Runner {
  return new Runner({
    catalog: test.catalog, job: { id: job.id, kind: job.kind, fence }, log: new JobLog(test.catalog, job.id, () => undefined),
    observe: ({ step, moment }) => {
      if (`${step}/${moment}` === dieAt) throw new Died()
    },
    isNew: false, cancelled, lost: new AbortController().signal, progress: () => undefined, changed: () => undefined,
  }, undoOnly)
}

/** Stands for the engine's death: nothing after it happens. */
class Died extends Error {}

const three = async (run: Job) => {
  await run.step("one", effect("one"))
  await run.step("two", effect("two"))
  await run.step("three", effect("three"))
}

describe("a job's record", () => {
  it("answers for steps that have happened, secrets included, and runs only the rest", async () => {
    const workflow = async (run: Job) => {
      const secret = await run.step("one", { run: async () => ({ password: new Secret("hush") }) })
      await run.step("two", effect("two"))
      done.push(secret.password.reveal())
    }
    await expect(runner({ dieAt: "two/happened" }).run(workflow)).rejects.toBeInstanceOf(Died)
    expect(JSON.stringify(await test.db.selectFrom("steps").selectAll().where("job_id", "=", job.id).execute())).not.toContain("hush")
    await runner().run(workflow)
    expect(done).toEqual(["two", "two", "hush"])
    expect((await listSteps(test.catalog, job.id)).map(({ name, state }) => `${name} ${state}`)).toEqual(["one done", "two done"])
  })

  it("undoes what happened, last first, the failed step too", async () => {
    const run = runner()
    await expect(run.run(async (self) => {
      await self.step("one", effect("one"))
      await self.step("two", failing("two"))
    })).rejects.toThrow("two failed")
    await run.undo()
    expect(done).toEqual(["one", "two", "undo two", "undo one"])
    expect((await listSteps(test.catalog, job.id)).map(({ state }) => state)).toEqual(["undone", "undone"])
  })

  it("goes on undoing where an undo was cut off, without running anything again", async () => {
    const workflow = async (run: Job) => {
      await three(run)
      await run.step("four", failing("four"))
    }
    const first = runner({ dieAt: "two/undoing" })
    await expect(first.run(workflow)).rejects.toThrow("four failed")
    await expect(first.undo()).rejects.toBeInstanceOf(Died)
    done.length = 0
    const second = runner({ undoOnly: true })
    await second.run(workflow)
    await second.undo()
    expect(done).toEqual(["undo two", "undo one"])
  })

  it("undoes nothing from before a commit, in a replay neither", async () => {
    const workflow = async (run: Job) => {
      await run.step("one", effect("one"))
      await run.commit("two", effect("two"))
      await run.step("three", failing("three"))
    }
    for (const undoOnly of [false, true]) {
      done.length = 0
      const run = runner({ undoOnly })
      await run.run(workflow).catch(() => undefined)
      await run.undo()
      expect(done.filter((entry) => entry.startsWith("undo"))).toEqual(undoOnly ? [] : ["undo three"])
    }
  })

  it("refuses the writes of an engine that lost the job", async () => {
    await expect(runner({ fence: job.fence - 1 }).run(three)).rejects.toMatchObject({ code: "lease_lost" })
    expect(done).toEqual([])
  })

  it("notices a workflow that is not the recorded one", async () => {
    await runner().run(three)
    await expect(runner().run(async (run) => void (await run.step("other", effect("other"))))).rejects.toMatchObject({ code: "internal" })
  })

  it("runs what must run even when the body fails or is cancelled, and keeps the first failure", async () => {
    const cancelled = new AbortController()
    const workflow = (run: Job) => run.ensuring("last", effect("last"), async () => {
      await run.step("one", effect("one"))
      cancelled.abort(new Error("stop"))
      await run.step("two", effect("two"))
    })
    await expect(runner({ cancelled: cancelled.signal }).run(workflow)).rejects.toThrow("stop")
    expect(done).toEqual(["one", "last"])
  })

  it("goes on undoing when one undo fails, and says so", async () => {
    const run = runner()
    await run.run(async (self) => {
      await self.step("one", effect("one"))
      await self.step("two", { run: async () => null, undo: async () => Promise.reject(new Error("stuck")) })
      await self.step("three", failing("three"))
    }).catch(() => undefined)
    await expect(run.undo()).rejects.toThrow("stuck")
    expect(done).toEqual(["one", "three", "undo three", "undo one"])
  })

  it("leaves the job's state to the queue", async () => {
    await runner().run(three)
    expect((await findJob(test.catalog, job.id))?.state).toBe("running")
  })
})
