import type { Catalog } from "../../catalog/catalog.ts"
import { findDsource } from "../../catalog/dsources.ts"
import { findEnvironment } from "../../catalog/environments.ts"
import { findSnapshot } from "../../catalog/snapshots.ts"
import { listRepositories, listSourceConfigs } from "../../catalog/sources.ts"
import { findVdb } from "../../catalog/vdbs.ts"

interface Reference {
  id: string
  name: string
}

interface Parent extends Reference {
  kind: "dsource" | "vdb"
  snapshot: string
}

/** Names of the objects that others point at, each asked for once a request. One that is gone is called by its id. */
export class Lookups {
  readonly #catalog: Catalog
  readonly #known = new Map<string, Promise<Reference>>()
  readonly #parent: Parent | undefined

  /** @param known what need not be asked for */
  constructor(catalog: Catalog, { parent, ...known }: { environment?: Reference; repository?: Reference; parent?: Parent } = {}) {
    this.#catalog = catalog
    this.#parent = parent
    for (const [kind, { id, name }] of Object.entries(known)) this.#known.set(`${kind}/${id}`, Promise.resolve({ id, name }))
  }

  environment(id: string): Promise<Reference> {
    return this.#once(`environment/${id}`, id, () => findEnvironment(this.#catalog, id))
  }

  repository(id: string): Promise<Reference> {
    return this.#once(`repository/${id}`, id, async () => (await listRepositories(this.#catalog, { id }))[0])
  }

  sourceConfig(id: string): Promise<Reference> {
    return this.#once(`source-config/${id}`, id, async () => (await listSourceConfigs(this.#catalog, { id }))[0])
  }

  async owner({ kind, id }: { kind: "dsource" | "vdb"; id: string }): Promise<Reference & { kind: "dsource" | "vdb" }> {
    const found = await this.#once(`${kind}/${id}`, id, () => (kind === "dsource" ? findDsource(this.#catalog, id) : findVdb(this.#catalog, id)))
    return { kind, ...found }
  }

  /** What a VDB's content came from. */
  async parent(snapshotId: string): Promise<Parent | undefined> {
    if (this.#parent?.snapshot === snapshotId) return this.#parent
    const snapshot = await findSnapshot(this.#catalog, snapshotId)
    return snapshot && { ...(await this.owner(snapshot.owner)), snapshot: snapshotId }
  }

  #once(key: string, id: string, find: () => Promise<Reference | undefined>): Promise<Reference> {
    const known = this.#known.get(key) ?? find().then((found) => ({ id, name: found?.name ?? id }))
    this.#known.set(key, known)
    return known
  }
}
