import type { Plugin, Schemas } from "@veneer/sdk"
import { inspectPlugin } from "@veneer/sdk/check"
import { afterAll, beforeAll, describe, it } from "vitest"
import { scriptsIn } from "../hosts/artifact.ts"
import { describe as describePlugin } from "../operation/call.ts"
import { folderOf } from "../operation/folder.ts"
import { openKit } from "./kit.ts"
import { observe, takeDown } from "./leftovers.ts"
import type { SuiteOptions } from "./options.ts"
import { scenariosOf, type Scenario, type Stage } from "./scenarios.ts"

const TIMEOUT_MS = 300_000

/**
 * The promises of the SDK's contract as tests; a plugin is done when they pass. Every workflow that its operations allow
 * is played as an engine would: in order, with every operation called twice, and with the host failing at every call,
 * before and after its effect, and by a cancellation during it; each failure is undone and the workflow repeated. What
 * operations return is held against the schemas. In the end nothing may be left on the host, and no secret may have
 * turned up.
 *
 * Datasets are plain directories below a temporary one; no engine is needed.
 *
 * @example
 * pluginSuite(plugin, {
 *   host: localHost(),
 *   scripts: new URL("../scripts", import.meta.url),
 *   parameters: { linkedSource: { from: "/srv/notes" }, virtualSource: { mountPath: "/tmp/notes" } },
 *   verify: { afterProvision: async ({ mounts: [folder = ""] }) => expect(await readdir(folder)).toContain("notes.txt") },
 * })
 */
export function pluginSuite<S extends Schemas>(plugin: Plugin<S>, options: SuiteOptions<S>): void {
  const scripts = folderOf(options.scripts)
  const { description } = inspectPlugin(plugin, { scripts: scriptsIn(scripts) })
  describe(`plugin: ${plugin.id}`, () => {
    // oxlint-disable-next-line vitest/expect-expect -- it throws naming every fault
    it("declares what the contract asks for", () => {
      describePlugin(plugin, scripts)
    })
    if (!description) return
    const stage = useStage(plugin, options)
    for (const [group, scenarios] of groups(scenariosOf(description, options))) {
      // oxlint-disable-next-line vitest/valid-title -- it is one
      describe(group, () => {
        // oxlint-disable-next-line vitest/valid-title, vitest/expect-expect -- a scenario throws what it found
        for (const { name, run } of scenarios) it(name, { timeout: options.timeoutMs ?? TIMEOUT_MS }, () => run(stage()).catch((error: unknown) => startedOver(stage(), error)))
      })
    }
  })
}

/** Opened before the first test, taken down after the last. */
function useStage<S extends Schemas>(plugin: Plugin<S>, options: SuiteOptions<S>): () => Stage {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS
  let stage: Stage | undefined
  beforeAll(async () => {
    stage = { kit: await openKit(plugin, options), before: await observe(options.watch ?? []), calls: new Map() }
  }, timeoutMs)
  afterAll(async () => {
    if (!stage) return
    // What can't be deleted has been told by a test.
    await takeDown(stage.kit).catch(() => {})
    await stage.kit.close()
  }, timeoutMs)
  return () => {
    if (stage) return stage
    throw new Error("The suite's host is not open.")
  }
}

/** What one test has found to be left is no fault of the next one. */
async function startedOver({ kit }: Stage, error: unknown): Promise<never> {
  await kit.startOver()
  throw error
}

function groups(scenarios: readonly Scenario[]): Map<string, Scenario[]> {
  const found = new Map<string, Scenario[]>()
  for (const scenario of scenarios) found.set(scenario.group, [...(found.get(scenario.group) ?? []), scenario])
  return found
}
