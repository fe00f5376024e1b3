import { expectTypeOf, test } from "vitest"
import type { DirectIngestCall, DirectSyncCall, SyncCall, Types } from "./inputs.ts"
import type { DirectOperations, StagedOperations } from "./plugin.ts"

test("run.sync is for the ingest of direct plugins only, and only staged ones have their dataset mounted", () => {
  expectTypeOf<DirectIngestCall<Types>["run"]>().toHaveProperty("sync")
  expectTypeOf<DirectSyncCall<Types>["run"]>().not.toHaveProperty("sync")
  expectTypeOf<SyncCall<Types>["run"]>().not.toHaveProperty("sync")
  expectTypeOf<SyncCall<Types>>().toHaveProperty("mounts")
  expectTypeOf<DirectIngestCall<Types>>().not.toHaveProperty("mounts")
  type Ingest = (call: DirectIngestCall<Types>) => void
  expectTypeOf<Ingest>().toExtend<NonNullable<DirectOperations<Types>["preSnapshot"]>>()
  expectTypeOf<Ingest>().not.toExtend<NonNullable<StagedOperations<Types>["preSnapshot"]>>()
  expectTypeOf<DirectOperations<Types>["worker"]>().toEqualTypeOf<undefined>()
})
