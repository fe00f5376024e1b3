import type { Schemas } from "@veneer/sdk"
import type { PluginDescription } from "@veneer/sdk/describe"
import type { Request } from "../operation/operation.ts"
import { arrange, otherBeginnings, type Before as Beginning } from "./arrange.ts"
import { BrokenPromise } from "./broken-promise.ts"
import { Fault, type FaultKind } from "./fault.ts"
import type { Kit } from "./kit.ts"
import { expectNothing, leftoversInTheEnd, leftoversOf, takeDown, type Before } from "./leftovers.ts"
import type { SuiteOptions } from "./options.ts"
import { expectRestored } from "./restored.ts"
import { play } from "./play.ts"
import type { Direction } from "./take.ts"
import { expectUnknown, looks } from "./unreachable.ts"
import { verified } from "./verified.ts"
import { offeredWorkflows, type WorkflowName } from "./workflow.ts"

/** One test of the suite. */
export interface Scenario {
  group: string
  name: string
  run: (stage: Stage) => Promise<void>
}

/** What scenarios are played on. */
export interface Stage {
  kit: Kit
  before: Before
  /** What each workflow asks of the host, once somebody wanted to know. */
  calls: Map<WorkflowName, readonly Call[]>
}

/** A call to the host, and how long it took when all went well. */
export interface Call {
  request: Request
  tookMs: number
}

const KINDS: readonly FaultKind[] = ["before", "after", "cancelled"]

const sentences: Record<FaultKind, string> = {
  before: "a host that fails at any call, before it has an effect, leaves what was; repeated, it succeeds",
  after: "a connection lost after any call leaves what was; repeated, it succeeds",
  cancelled: "a cancellation during any call leaves what was; repeated, it succeeds",
}

/** Every test of a plugin, in the order in which they are run. */
export function scenariosOf<S extends Schemas>(description: Pick<PluginDescription, "operations">, options: SuiteOptions<S>): Scenario[] {
  const offered = offeredWorkflows(description)
  const wanted = offered.filter((name) => options.workflows?.includes(name) ?? true)
  const faults = options.faults === false ? { kinds: [] } : (options.faults ?? {})
  const struck = wanted.filter((name) => faults.workflows?.includes(name) ?? true)
  return [
    ...wanted.flatMap((workflow) => [...inOrder(workflow, options), ...fromElsewhere(workflow, description, options)]),
    ...(options.twice === false ? [] : wanted.map((workflow) => calledTwice(workflow, options))),
    ...(faults.kinds ?? KINDS).flatMap((kind) => struck.map((workflow) => withFaults(workflow, kind, options))),
    ...(options.faults === false ? [] : outOfReach(wanted, description, options)),
    ...inTheEnd,
  ]
}

/** One play of a workflow, from what it needs to the test's own checks. */
async function once<S extends Schemas>({ kit }: Stage, workflow: WorkflowName, options: SuiteOptions<S>, direction: Direction = {}, beginning?: Beginning): Promise<void> {
  await arrange(kit, workflow, (name) => play(kit, name, {}, options.source), beginning)
  await play(kit, workflow, direction, options.source)
  await verified(kit, workflow, options.verify)
}

function inOrder<S extends Schemas>(workflow: WorkflowName, options: SuiteOptions<S>): Scenario[] {
  const scenario = (name: string, direction?: Direction) => ({ group: "every workflow", name, run: (stage: Stage) => once(stage, workflow, options, direction) })
  if (workflow !== "sync") return [scenario(workflow)]
  return [
    scenario("sync, as a policy runs it: without parameters", { parameters: "absent" }),
    scenario("sync, for a person who gives no parameters", { parameters: "none" }),
    scenario("sync, with the test's parameters", { parameters: "given" }),
  ]
}

/** What is stopped or disabled may be deleted, disabled or replaced just as what runs. */
const fromElsewhere = <S extends Schemas>(workflow: WorkflowName, { operations }: Pick<PluginDescription, "operations">, options: SuiteOptions<S>): Scenario[] =>
  otherBeginnings(workflow, operations).map(([name, beginning]) => ({ group: "every workflow", name: `${workflow}, ${name}`, run: (stage) => once(stage, workflow, options, {}, beginning) }))

const calledTwice = <S extends Schemas>(workflow: WorkflowName, options: SuiteOptions<S>): Scenario => ({
  group: "every operation called twice", name: workflow, run: (stage) => once(stage, workflow, options, { twice: true }),
})

/** The n-th call fails, for every n: undone, nothing may be left; repeated, all must be there. */
function withFaults<S extends Schemas>(workflow: WorkflowName, kind: FaultKind, options: SuiteOptions<S>): Scenario {
  const { at = () => true } = options.faults === false ? {} : (options.faults ?? {})
  return {
    group: sentences[kind], name: workflow,
    run: async (stage) => {
      const { kit } = stage
      for (const [index, { request, tookMs }] of (await callsOf(stage, workflow, options)).entries()) {
        if (!at(request, workflow)) continue
        await arrange(kit, workflow, (name) => play(kit, name, {}, options.source))
        const world = { ...kit.world, vdb: kit.world.vdb && { ...kit.world.vdb }, dsource: kit.world.dsource && { ...kit.world.dsource } }
        const { struck, error } = await play(kit, workflow, { fault: (cancel) => new Fault(kind, { at: index + 1, afterMs: tookMs / 2, cancel }) }, options.source)
        if (struck !== undefined && error !== undefined) await afterFault(stage, workflow, { struck, world, options })
        else await verified(kit, workflow, options.verify)
      }
    },
  }
}

function outOfReach<S extends Schemas>(wanted: readonly WorkflowName[], { operations }: Pick<PluginDescription, "operations">, { source }: SuiteOptions<S>): Scenario[] {
  const asked = (["linked.status", "virtual.status"] as const).filter((operation) => operations.includes(operation) && wanted.includes(looks[operation]))
  return asked.map((operation) => ({
    group: "a host that can't be reached is unknown, never inactive", name: operation,
    run: ({ kit }) => expectUnknown(kit, operation, (name) => play(kit, name, {}, source)),
  }))
}

/** What a workflow asks of the host, by playing it once. */
async function callsOf<S extends Schemas>(stage: Stage, workflow: WorkflowName, options: SuiteOptions<S>): Promise<readonly Call[]> {
  const known = stage.calls.get(workflow)
  if (known) return known
  const calls: Call[] = []
  const listen = (request: Request) => {
    const call = { request, tookMs: 0 }
    calls.push(call)
    return (tookMs: number) => void (call.tookMs = tookMs)
  }
  await once(stage, workflow, options, { listen })
  stage.calls.set(workflow, calls)
  return calls
}

async function afterFault<S extends Schemas>({ kit }: Stage, workflow: WorkflowName, { struck, world, options }: { struck: string; world: Pick<Kit["world"], "dsource" | "vdb">; options: SuiteOptions<S> }): Promise<void> {
  const where = `In ${workflow} ${struck}.`
  try {
    await expectRestored(kit, workflow, world)
    expectNothing(await leftoversOf(kit), "After it was undone")
    // A policy doesn't know that the last one was to start over.
    const next = workflow === "resync" ? "sync" : workflow
    await play(kit, next, {}, options.source)
    await verified(kit, next, options.verify)
  } catch (error) {
    throw BrokenPromise.after(where, error)
  }
}

const inTheEnd: Scenario[] = [
  {
    group: "in the end", name: "the host was asked for nothing that it has no answer to",
    run: async ({ kit: { host } }) => {
      if (host.complaints.length > 0) throw new Error(host.complaints.join("\n"))
    },
  },
  {
    group: "in the end", name: "nothing is left on the host",
    run: async ({ kit, before }) => {
      await takeDown(kit)
      expectNothing(await leftoversInTheEnd(kit, before), "When everything was deleted")
    },
  },
  {
    group: "in the end", name: "no secret has turned up in a log, an error, an argument or an environment",
    run: async ({ kit: { secrets } }) => {
      if (secrets.leaks.size === 0) return
      throw new BrokenPromise({
        found: `Secrets were seen:${[...secrets.leaks].map((leak) => `\n    ${leak}`).join("")}`,
        promise: "A secret never rides in arguments, a file name, a log, an error or the environment of a program. (An engine takes it out of logs and errors; arguments and environments it can't.)",
        action: "Declare a script's variable as a secret, hand it on by standard input or a file of mode 0600, and leave it out of messages.",
      })
    },
  },
]
