import type { Catalog } from "../catalog/catalog.ts"
import type { Hosts } from "../environments/port.ts"
import type { Slot } from "../jobs/queue.ts"
import type { Plugins } from "../plugins/port.ts"
import type { Share } from "../share/port.ts"
import type { Pools } from "../storage/port.ts"

/** What workflows work with; built once by `main`. */
export interface Engine {
  catalog: Catalog
  pools: Pools
  share: Share
  hosts: Hosts
  plugins: Plugins
  /** Absolute path below which datasets are mounted when a plugin asks for no path of its own. */
  mountRoot: string
  /** Asks for a job's end. @returns whether it could still be asked */
  cancel(jobId: string): Promise<boolean>
  /** Room for a job that is about to be written; undefined where it has to wait for some. */
  slot(): Slot | undefined
}
