import { readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import { UnreachableError, type Client, type Job } from "@veneer/engine/client"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createEngineHome, finished, succeeded, type EngineHome, type EngineProcess, type Incident } from "./engine.ts"
import { link, prepare, provision, urlOf } from "./estate.ts"
import { createSandbox, type Sandbox } from "./sandbox.ts"
import { LACKS, queryUrl, startServer, type Server } from "./server.ts"

/** A whole matrix takes minutes: an engine dies and starts again at every moment of a workflow. */
const MATRIX_MS = 30 * 60_000

type Moment = Omit<Incident, "act">

/** What a scenario works with. */
export interface Ground {
  client: Client
  server: Server
}

/** One workflow, as the matrix runs it again and again. */
export interface Scenario {
  job: string
  /** Brings about what the workflow starts from, whatever the last run left. */
  arrange: (ground: Ground) => Promise<void>
  act: (ground: Ground) => Promise<Pick<Job, "id">>
  /** What must hold after a job that succeeded; it throws otherwise. */
  check: (ground: Ground) => Promise<unknown>
  /** A step after which the workflow is made to fail, so that its undoing can be cut off. */
  failAfter?: string
}

/** The dSource every scenario may use. */
export const BASE = "base"

export const exists = (client: Client, vdb: string) => client.showVdb({ params: { id: vdb } }).then(() => true, () => false)

export async function ensure(client: Client, vdb: string): Promise<void> {
  if (!(await exists(client, vdb))) await provision(client, vdb, BASE)
}

export async function discard(client: Client, vdb: string): Promise<void> {
  if (await exists(client, vdb)) await succeeded(client, await client.deleteVdb({ params: { id: vdb } }))
}

export const answers = async (client: Client, vdb: string) => queryUrl(await urlOf(client, vdb), "select 1")

/**
 * Kills an engine (SIGKILL) before and after every effect of each workflow, and during its undoing. After a restart the
 * job ends, nothing is left, the same request works again, and a VDB beside it has not noticed.
 */
export function crashMatrix(name: string, scenarios: readonly Scenario[]): void {
  describe.skipIf(LACKS !== undefined)(`an engine killed at every moment of ${name}${LACKS === undefined ? "" : ` (skipped: ${LACKS})`}`, () => {
    let sandbox: Sandbox
    let server: Server
    let home: EngineHome
    let engine: EngineProcess
    let trace: string
    let bystander: string

    beforeAll(async () => {
      sandbox = await createSandbox("crash")
      trace = join(sandbox.path, "trace")
      server = await startServer(sandbox)
      home = createEngineHome(sandbox)
      engine = await home.start({ trace })
      await prepare(engine.client)
      await link(engine.client, server, BASE)
      await provision(engine.client, "bystander", BASE)
      bystander = await postmasterOf("bystander")
    })

    afterAll(async () => {
      await engine?.stop()
      await sandbox?.clear()
    })

    const ground = (): Ground => ({ client: engine.client, server })

    async function postmasterOf(vdb: string): Promise<string> {
      const { id } = await engine.client.showVdb({ params: { id: vdb } })
      return (await readFile(join(home.dataDir, "mnt/vdb", id, "data/postmaster.pid"), "utf8")).split("\n")[0] ?? ""
    }

    /** The moments a workflow passes, as a run of it shows them. */
    async function momentsOf(scenario: Scenario, plan: readonly Incident[]): Promise<Moment[]> {
      await scenario.arrange(ground())
      await rm(trace, { force: true })
      await engine.plan(plan)
      await finished(engine.client, await scenario.act(ground()))
      await engine.plan([])
      const moments = (await readFile(trace, "utf8")).trim().split("\n").map((line) => JSON.parse(line) as Moment)
      return moments.filter(({ job }) => job === scenario.job)
    }

    /** Kills the engine at one moment of a job, starts it again, and sees what became of the job. */
    async function survive(scenario: Scenario, at: Moment, failure: readonly Incident[] = []): Promise<void> {
      const incidents: Incident[] = [...failure, { ...at, act: "kill" }]
      const label = incidents.map(({ job, step, moment, act }) => `${act} ${job}/${step}/${moment}`).join(", ")
      await scenario.arrange(ground())
      await engine.plan(incidents)
      // The engine may die before its answer is out: then only its listing tells which job that was.
      const asked = await scenario.act(ground()).catch((thrown: unknown) => {
        if (!(thrown instanceof UnreachableError)) throw thrown
      })
      await engine.ended
      engine = await home.start({ trace })
      const [newest] = (await engine.client.listJobs({ query: { limit: 1 } })).items
      const end = await finished(engine.client, { id: asked?.id ?? newest?.id ?? "" })
      expect(end.kind, label).toBe(scenario.job)
      expect(["succeeded", "failed"], `${label}: ${JSON.stringify(end.problem)}`).toContain(end.state)
      const { items } = await engine.client.examine()
      expect(items, `${label}: ${end.state} ${JSON.stringify(end.problem)}; ${JSON.stringify(items)}`).toEqual([])
      if (end.state === "failed") {
        await scenario.arrange(ground())
        await succeeded(engine.client, await scenario.act(ground()))
      }
      await scenario.check(ground())
      expect(await postmasterOf("bystander"), label).toBe(bystander)
      await answers(engine.client, "bystander")
    }

    for (const scenario of scenarios) {
      it(`ends every ${scenario.job}, leaves nothing, and lets it be repeated`, { timeout: MATRIX_MS }, async () => {
        const moments = await momentsOf(scenario, [])
        // A step's record is written with the next one's beginning, so only the last has a moment of its own.
        const last = moments.findLast(({ moment }) => moment === "recorded")
        const forward = moments.filter((at) => at.moment === "begun" || at.moment === "happened" || at === last)
        expect(forward.length).toBeGreaterThan(8)
        for (const at of forward) await survive(scenario, at)
      })

      const { failAfter } = scenario
      if (failAfter === undefined) continue
      it(`ends the undoing of every ${scenario.job}, leaves nothing, and lets it be repeated`, { timeout: MATRIX_MS }, async () => {
        const failure: Incident = { job: scenario.job, step: failAfter, moment: "happened", act: "fail" }
        const backward = (await momentsOf(scenario, [failure])).filter(({ moment }) => moment === "undoing" || moment === "undone")
        expect(backward.length).toBeGreaterThan(3)
        for (const at of backward) await survive(scenario, at, [failure])
      })
    }
  })
}
