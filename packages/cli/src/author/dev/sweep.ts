import { lstat, readdir } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Teller } from "./jobs.ts"
import { isAlive } from "./processes.ts"
import { readMark, STAGE_PREFIX } from "./stage.ts"
import { strike } from "./strike.ts"

/** Takes down the stages that are nobody's any more: their owner and its guard were both killed. */
export async function sweepStages(tell: Teller): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const path = join(tmpdir(), name)
    if (!name.startsWith(STAGE_PREFIX) || !(await isAbandoned(path))) continue
    tell("dev", `Taking down ${path}, which an earlier run left behind`)
    await strike(path, (line) => tell("dev", line)).catch((error: unknown) => tell("dev", error instanceof Error ? error.message : String(error), "bad"))
  }
}

/** One that another OS user made is not ours to act on, whatever it says of itself. */
async function isAbandoned(path: string): Promise<boolean> {
  const folder = await lstat(path).catch(() => undefined)
  if (folder?.isDirectory() !== true || folder.uid !== process.getuid?.()) return false
  const mark = await readMark(path).catch(() => undefined)
  return mark !== undefined && mark.kept !== true && ![mark.owner, mark.guard].some((worker) => worker && isAlive(worker))
}
