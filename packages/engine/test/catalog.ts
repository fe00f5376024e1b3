import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { randomBytes } from "node:crypto"
import { chmod } from "node:fs/promises"
import { openCatalogConnections, type Catalog, type CatalogConnections } from "../src/catalog/catalog.ts"
import { startEmbeddedCluster } from "../src/catalog/embedded.ts"
import { migrate } from "../src/catalog/migrate.ts"
import { createSealer } from "../src/catalog/sealer.ts"

/** A catalog on a real PostgreSQL of its own. */
export interface TestCatalog extends CatalogConnections {
  catalog: Catalog
  close(): Promise<void>
}

export async function startTestCatalog(): Promise<TestCatalog> {
  const dataDir = await mkdtemp(join(tmpdir(), "veneer-catalog-"))
  await chmod(dataDir, 0o711)
  const cluster = await startEmbeddedCluster({ dataDir, engineId: randomBytes(6).toString("hex") })
  const connections = openCatalogConnections(cluster.address)
  await migrate(connections.db)
  return {
    ...connections,
    catalog: { db: connections.db, sealer: createSealer(randomBytes(32)) },
    close: async () => {
      await connections.db.destroy()
      await cluster.stop()
      await rm(dataDir, { recursive: true })
    },
  }
}
