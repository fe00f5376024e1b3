import type { Schemas } from "@veneer/sdk"
import type { Kit } from "./kit.ts"
import { names, type Dsource } from "./world.ts"
import type { DiscoveredState, LinkedState, Verify, VirtualState } from "./verify.ts"
import type { WorkflowName } from "./workflow.ts"

const checks = {
  discover: "afterDiscover", link: "afterLink", sync: "afterSync", resync: "afterResync", "dsource-disable": "afterDsourceDisable", "dsource-enable": "afterDsourceEnable",
  provision: "afterProvision", snapshot: "afterSnapshot", stop: "afterStop", start: "afterStart", disable: "afterDisable", enable: "afterEnable", rewind: "afterRewind",
  refresh: "afterRefresh", create: "afterCreate",
} as const satisfies Partial<Record<WorkflowName, keyof Verify<Schemas>>>

/** Makes the test's own check of a workflow that has ended well. */
export async function verified<S extends Schemas>(kit: Kit, workflow: WorkflowName, verify: Verify<S> = {}): Promise<void> {
  if (workflow === "delete" || workflow === "dsource-delete") return
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the state of this workflow is what its check takes
  const check = verify[checks[workflow]] as ((state: unknown) => Promise<void> | void) | undefined
  await check?.(stateOf(kit, workflow))
}

/** All of it was held against the schemas that the types stand for. */
function stateOf(kit: Kit, workflow: WorkflowName): DiscoveredState<Schemas> | LinkedState<Schemas> | VirtualState<Schemas> {
  const { repository, sourceConfig, sourceConfigs = [], dsource, vdb } = kit.world
  if (workflow === "discover") return { repository, sourceConfigs }
  if (/^(?:link|sync|resync|dsource-)/.test(workflow)) {
    const snapshot = dsource?.snapshots.at(-1)
    return {
      repository, sourceConfig, parameters: dsource?.parameters, snapshot: snapshot?.metadata, image: kit.storage.path(snapshot?.image ?? snapshot?.dataset ?? ""),
      mounts: dsource ? mountsOf(kit, dsource) : [],
    }
  }
  return { repository, sourceConfig: vdb?.sourceConfig, parameters: vdb?.parameters, mounts: vdb ? kit.mounts.of(kit.storage.path(names.vdb(vdb))) : [] }
}

/** A direct plugin's dataset is filled where it is. */
function mountsOf({ description, mounts, storage }: Kit, dsource: Dsource): string[] {
  const path = storage.path(names.live(dsource))
  return description.ingestion === "direct" ? [path] : mounts.of(path)
}
