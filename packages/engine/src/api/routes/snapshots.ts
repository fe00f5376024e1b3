import type { Catalog } from "../../catalog/catalog.ts"
import { findDsource } from "../../catalog/dsources.ts"
import { findSnapshot, listSnapshots, type SnapshotOwner } from "../../catalog/snapshots.ts"
import { findVdb } from "../../catalog/vdbs.ts"
import { EngineError } from "../../errors.ts"
import type { ApiContext, Handlers } from "../context.ts"
import { page } from "../paging.ts"
import { newJobView } from "../views/jobs.ts"
import { Lookups } from "../views/lookups.ts"
import { snapshotView } from "../views/objects.ts"
import { found } from "./found.ts"

export function snapshotHandlers({ engine, verbs }: ApiContext): Handlers<"listSnapshots" | "showSnapshot" | "deleteSnapshot"> {
  const { catalog } = engine
  return {
    listSnapshots: async ({ query }) => {
      const owner = await ownerOf(catalog, query)
      const lookups = new Lookups(catalog)
      const { items, ...rest } = await page(query, (part) => listSnapshots(catalog, owner, part), (id) => findSnapshot(catalog, id))
      return { ...rest, items: await Promise.all(items.map((item) => snapshotView(item, lookups))) }
    },
    showSnapshot: async ({ params: { id } }) => snapshotView(found(await findSnapshot(catalog, id), "snapshot", id), new Lookups(catalog)),
    deleteSnapshot: async ({ params: { id } }) => newJobView(await verbs.deleteSnapshot(id)),
  }
}

async function ownerOf(catalog: Catalog, { dsource, vdb }: { dsource?: string; vdb?: string }): Promise<SnapshotOwner | undefined> {
  if (dsource !== undefined && vdb !== undefined) {
    throw new EngineError("invalid_request", "Snapshots are listed of a dSource or of a VDB.", { faults: [{ pointer: "/vdb", message: "must be left out beside dsource" }] })
  }
  if (dsource !== undefined) return { kind: "dsource", id: found(await findDsource(catalog, dsource), "dSource", dsource).id }
  if (vdb !== undefined) return { kind: "vdb", id: found(await findVdb(catalog, vdb), "VDB", vdb).id }
  return undefined
}
