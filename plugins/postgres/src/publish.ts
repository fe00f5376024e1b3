import type { PublishCall } from "@veneer/sdk"
import { datasetVariables } from "./dataset.ts"
import type { Postgres, Snapshot } from "./schemas.ts"
import * as scripts from "./scripts.ts"

/** Makes a clone of a snapshot, of a dSource or a VDB, what VDBs start from. */
export async function publish(call: PublishCall<Postgres, unknown>): Promise<Partial<Snapshot>> {
  const evidence = await call.run.script(call.connection.as(call.repository.owner), scripts.publish, datasetVariables(call), { timeoutMs: 4 * 3_600_000 })
  return {
    ...evidence,
    quarantine: [
      ...evidence.subscriptions.map(({ name, database }) => `Subscription ${name} in ${database} is disabled and has no slot.`),
      "Replication slots are dropped.",
    ],
  }
}
