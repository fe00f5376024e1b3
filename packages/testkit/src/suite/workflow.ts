import type { PluginDescription } from "@veneer/sdk/describe"

/** Every workflow of the contract's table, in the order in which the suite plays them. */
export const workflowNames = [
  "discover", "link", "sync", "resync", "dsource-disable", "dsource-enable", "provision", "snapshot", "stop", "start", "disable", "enable",
  "rewind", "refresh", "create", "delete", "dsource-delete",
] as const

/** A workflow of the contract's table. */
export type WorkflowName = (typeof workflowNames)[number]

/** What a workflow can't do without; those not named need nothing optional. */
const needed: Partial<Record<WorkflowName, string>> = { stop: "virtual.stop", start: "virtual.start", create: "virtual.initialize" }

/** The workflows that a plugin's operations allow, in order. */
export function offeredWorkflows({ operations }: Pick<PluginDescription, "operations">): WorkflowName[] {
  return workflowNames.filter((name) => {
    const operation = needed[name]
    return operation === undefined || operations.includes(operation)
  })
}
