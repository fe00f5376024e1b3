import { saveSize } from "../catalog/observed.ts"
import { callPlugin, dsourceSubject, vdbSubject } from "./call.ts"
import type { Engine } from "./engine.ts"
import { theDsource, theVdb } from "./find.ts"
import { mountsOf } from "./mounts.ts"
import { vdbDataset } from "./names.ts"
import { looking } from "./status.ts"

/** Counting files may take its time. */
const DEADLINE_MS = 600_000

/** Asks how large a dSource's source is, and keeps the answer. */
export async function measureDsource(engine: Engine, id: string, stop: AbortSignal): Promise<void> {
  const dsource = await theDsource(engine, id)
  const bytes = await callPlugin(engine, looking(`size/${id}`, stop, DEADLINE_MS), await dsourceSubject(engine, dsource), "linked.sourceSize", "size")
  await saveSize(engine.catalog, "dsource", id, bytes)
}

/** The same for a VDB; one that is not mounted keeps the size it had. */
export async function measureVdb(engine: Engine, id: string, stop: AbortSignal): Promise<void> {
  const vdb = await theVdb(engine, id)
  const step = looking(`size/${id}`, stop, DEADLINE_MS)
  const subject = await vdbSubject(engine, vdb)
  const mounts = await mountsOf(engine, step, subject, { pool: vdb.pool, dataset: vdbDataset(vdb) })
  if (mounts) await saveSize(engine.catalog, "vdb", id, await callPlugin(engine, step, subject, "virtual.sourceSize", "size", { mounts }))
}
