import type { Catalog } from "../catalog/catalog.ts"
import type { Hosts } from "../environments/port.ts"
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
  /** Tells the queue that there may be a job to run. */
  poke(): void
}
