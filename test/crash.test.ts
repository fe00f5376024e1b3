import { readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import { UnreachableError, type Client, type Job } from "@veneer/engine/client"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createEngineHome, finished, succeeded, type EngineHome, type EngineProcess, type Incident } from "./support/engine.ts"
import { link, linkRequest, prepare, provision, urlOf } from "./support/estate.ts"
import { createSandbox, type Sandbox } from "./support/sandbox.ts"
import { LACKS, queryUrl, startServer, type Server } from "./support/server.ts"

/** A whole matrix takes minutes: an engine dies and starts again at every moment of a workflow. */
const MATRIX_MS = 20 * 60_000

type Moment = Omit<Incident, "act">

/** One workflow, as the matrix runs it again and again. */
interface Scenario {
  job: string
  /** Brings about what the workflow starts from, whatever the last run left. */
  arrange(client: Client): Promise<void>
  act(client: Client): Promise<Pick<Job, "id">>
  /** What must hold after a job that succeeded; it throws otherwise. */
  check(client: Client): Promise<unknown>
  /** A step after which the workflow is made to fail, so that its undoing can be cut off. */
  failAfter?: string
}

describe.skipIf(LACKS !== undefined)(`an engine killed at every moment of a workflow${LACKS === undefined ? "" : ` (skipped: ${LACKS})`}`, () => {
  let sandbox: Sandbox
  let server: Server
  let home: EngineHome
  let engine: EngineProcess
  let trace: string
  let bystander: string

  const exists = (client: Client, id: string) => client.showVdb({ params: { id } }).then(() => true, () => false)
  const discard = async (client: Client, id: string) => {
    if (await exists(client, id)) await succeeded(client, await client.deleteVdb({ params: { id } }))
  }
  const ensure = async (client: Client, id: string) => {
    if (!(await exists(client, id))) await provision(client, id, "base")
  }
  const answers = async (client: Client, id: string) => queryUrl(await urlOf(client, id), "select 1")

  const scenarios: Scenario[] = [
    {
      job: "provision", failAfter: "describe",
      arrange: (client) => discard(client, "made"),
      act: async (client) => (await client.provisionVdb({ body: { name: "made", from: "base", parameters: {} } })).job,
      check: (client) => answers(client, "made"),
    },
    {
      job: "refresh", failAfter: "configure",
      arrange: (client) => ensure(client, "changed"),
      act: (client) => client.refreshVdb({ params: { id: "changed" }, body: {} }),
      check: (client) => answers(client, "changed"),
    },
    {
      job: "rewind", failAfter: "reconfigure",
      arrange: async (client) => {
        await ensure(client, "changed")
        await succeeded(client, await client.snapshotVdb({ params: { id: "changed" } }))
      },
      act: (client) => client.rewindVdb({ params: { id: "changed" }, body: {} }),
      check: (client) => answers(client, "changed"),
    },
    {
      job: "delete",
      arrange: (client) => ensure(client, "made"),
      act: (client) => client.deleteVdb({ params: { id: "made" } }),
      check: async (client) => expect(await exists(client, "made")).toBe(false),
    },
    {
      job: "sync", failAfter: "publish",
      arrange: async () => undefined,
      act: (client) => client.syncDsource({ params: { id: "base" }, body: { resync: false } }),
      check: async (client) => expect((await client.listSnapshots({ query: { dsource: "base", limit: 1 } })).items[0]?.state).toBe("published"),
    },
    {
      job: "link", failAfter: "publish",
      arrange: async (client) => {
        const linked = await client.showDsource({ params: { id: "linked" } }).then(() => true, () => false)
        if (linked) await succeeded(client, await client.deleteDsource({ params: { id: "linked" } }))
      },
      act: async (client) => (await client.linkDsource({ body: await linkRequest(client, server, "linked") })).job,
      check: async (client) => expect((await client.showDsource({ params: { id: "linked" } })).state).toBe("active"),
    },
  ]

  beforeAll(async () => {
    sandbox = await createSandbox("crash")
    trace = join(sandbox.path, "trace")
    server = await startServer(sandbox)
    home = createEngineHome(sandbox)
    engine = await home.start({ trace })
    await prepare(engine.client)
    await link(engine.client, server, "base")
    await provision(engine.client, "bystander", "base")
    bystander = await postmasterOf("bystander")
  })

  afterAll(async () => {
    await engine?.stop()
    await sandbox?.clear()
  })

  async function postmasterOf(vdb: string): Promise<string> {
    const { id } = await engine.client.showVdb({ params: { id: vdb } })
    return (await readFile(join(home.dataDir, "mnt/vdb", id, "data/postmaster.pid"), "utf8")).split("\n")[0] ?? ""
  }

  /** The moments a workflow passes, as a run of it shows them. */
  async function momentsOf(scenario: Scenario, plan: readonly Incident[]): Promise<Moment[]> {
    await scenario.arrange(engine.client)
    await rm(trace, { force: true })
    await engine.plan(plan)
    await finished(engine.client, await scenario.act(engine.client))
    await engine.plan([])
    const moments = (await readFile(trace, "utf8")).trim().split("\n").map((line) => JSON.parse(line) as Moment)
    return moments.filter(({ job }) => job === scenario.job)
  }

  /** Kills the engine at a moment, starts it again, and sees what became of the job. */
  async function survive(scenario: Scenario, incidents: readonly Incident[]): Promise<void> {
    const label = incidents.map(({ job, step, moment, act }) => `${act} ${job}/${step}/${moment}`).join(", ")
    await scenario.arrange(engine.client)
    await engine.plan(incidents)
    // The engine may die before its answer is out: then only its listing tells which job that was.
    const asked = await scenario.act(engine.client).catch((thrown: unknown) => {
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
      await scenario.arrange(engine.client)
      await succeeded(engine.client, await scenario.act(engine.client))
    }
    await scenario.check(engine.client)
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
      for (const at of forward) await survive(scenario, [{ ...at, act: "kill" }])
    })

    const { failAfter } = scenario
    if (failAfter !== undefined) {
      it(`ends the undoing of every ${scenario.job}, leaves nothing, and lets it be repeated`, { timeout: MATRIX_MS }, async () => {
        const failure: Incident = { job: scenario.job, step: failAfter, moment: "happened", act: "fail" }
        const backward = (await momentsOf(scenario, [failure])).filter(({ moment }) => moment === "undoing" || moment === "undone")
        expect(backward.length).toBeGreaterThan(3)
        for (const at of backward) await survive(scenario, [failure, { ...at, act: "kill" }])
      })
    }
  }
})
