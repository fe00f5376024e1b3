import { isDeepStrictEqual } from "node:util"
import { encode } from "@veneer/sdk/call"
import { migrationKinds, type MigrationFacts, type MigrationKind } from "@veneer/sdk/migrate"
import { inTransaction, type Catalog } from "../catalog/catalog.ts"
import { clearIdentities, storedValues, type Restored, type StoredPage, type StoredValue } from "../catalog/stored.ts"
import type { InstalledPlugin, Manifest, Migrator, PluginValue } from "../plugins/port.ts"
import { identified } from "./identity.ts"
import type { Engine } from "./engine.ts"

/** So many findings are told; the rest is counted. */
const FINDINGS = 1_000

/** A rule that an upgrade would break. */
export interface UpgradeFinding {
  /** What is stored; absent where it is the artifact itself that breaks a rule. */
  object?: StoredValue["object"]
  /** JSON pointer into the object as the API shows it, or into the artifact's manifest. */
  pointer: string
  /** The rule, without any secret. */
  message: string
  /** Id of the migration that failed. */
  migration?: string
}

/** How what is stored for a plugin fares under another artifact of it. */
export interface Examined {
  objects: { kind: MigrationKind; count: number; changed: number; untried: number }[]
  findings: UpgradeFinding[]
  /** Further findings that are not told. */
  omitted: number
}

/** An artifact on its way into another's place. */
export interface Upgrade {
  installed: InstalledPlugin
  offered: InstalledPlugin
  /** In the order in which they run. */
  pending: readonly MigrationFacts[]
}

/**
 * Puts everything that is stored for a plugin through the migrations of another artifact, and holds it against that
 * one's schemas: all of it, however much is wrong.
 * @param options.save writes what comes out; to be taken back, by ending the transaction, if anything is found
 */
export async function examine(engine: Engine, catalog: Catalog, upgrade: Upgrade, { save }: { save: boolean }): Promise<Examined> {
  const { installed, offered, pending } = upgrade
  const migrator = engine.plugins.migrator(offered, pending)
  const account = new Account(upgrade)
  try {
    await inTransaction(catalog, async (within) => {
      if (save) await clearIdentities(within, installed.manifest.id)
      for await (const page of storedValues(within, installed.manifest.id)) {
        const restored = await restore(page, migrator, account)
        if (save) await page.save(restored)
      }
    })
    return account.result()
  } finally {
    await migrator.close()
  }
}

/** A page is of one kind. What of it is to be written: what changed, and all that has an identity. */
async function restore({ values }: StoredPage, migrator: Migrator, account: Account): Promise<Restored[]> {
  const [first] = values
  const migrated = first ? await migrator.migrate(first.kind, values.map(({ value }) => value)) : []
  const restored: Restored[] = []
  for (const [index, stored] of values.entries()) {
    const { value, faults = [], untried = false } = migrated[index] ?? {}
    const changed = value !== undefined && !isSame(value, stored.value)
    account.count(stored, { untried, changed })
    for (const { pointer, message, migration } of faults) account.find(stored, { pointer: `/${stored.field}${pointer}`, message, ...(migration !== undefined && { migration }) })
    if (!value) continue
    const found = account.identify(stored, value)
    if (found || changed) restored.push({ ...stored, value, ...found })
  }
  return restored
}

/** Secrets show their text only to whoever asks for it, as this comparison does. */
const isSame = (a: PluginValue, b: PluginValue): boolean => isDeepStrictEqual(encode(a), encode(b))

/** Adds up what was seen and found. */
class Account {
  readonly #upgrade: Upgrade
  readonly #counts = new Map<MigrationKind, { count: number; changed: number; untried: number }>()
  readonly #findings: UpgradeFinding[] = []
  readonly #identities = new Map<string, StoredValue["object"]>()
  #omitted = 0

  constructor(upgrade: Upgrade) {
    this.#upgrade = upgrade
  }

  count({ kind, object }: StoredValue, { changed, untried }: { changed: boolean; untried: boolean }): void {
    const counts = this.#counts.get(kind) ?? { count: 0, changed: 0, untried: 0 }
    this.#counts.set(kind, { count: counts.count + 1, changed: counts.changed + Number(changed), untried: counts.untried + Number(untried) })
    const { installed, offered } = this.#upgrade
    if (kind !== "linkedSource" || installed.manifest.ingestion === offered.manifest.ingestion) return
    this.#add({ object, pointer: "", message: `was linked when the plugin's ingestion was ${installed.manifest.ingestion}; this build's is ${offered.manifest.ingestion}` })
  }

  find({ object }: StoredValue, finding: UpgradeFinding): void {
    this.#add({ object, ...finding })
  }

  /** What the new schema derives from a value that has an identity. Two with the same are a finding. */
  identify({ kind, object, field, scope }: StoredValue, value: PluginValue): { identity: string; name: string } | undefined {
    if (scope === undefined || (kind !== "repository" && kind !== "sourceConfig")) return undefined
    const { manifest } = this.#upgrade.offered
    const { identity, name } = identified(manifest, kind, value)
    const key = JSON.stringify([kind, scope, identity])
    const twin = this.#identities.get(key)
    if (twin) this.#add({ object, pointer: `/${field}`, message: `must differ in ${fieldsOf(manifest, kind)} from "${twin.name}" (${twin.id})` })
    else this.#identities.set(key, object)
    return { identity, name }
  }

  result(): Examined {
    const objects = migrationKinds.flatMap((kind) => {
      const counts = this.#counts.get(kind)
      return counts ? [{ kind, ...counts }] : []
    })
    return { objects, findings: this.#findings, omitted: this.#omitted }
  }

  #add(finding: UpgradeFinding): void {
    if (this.#findings.length < FINDINGS) this.#findings.push(finding)
    else this.#omitted++
  }
}

function fieldsOf(manifest: Manifest, kind: "repository" | "sourceConfig"): string {
  const fields = manifest.schemas[kind]["identityFields"]
  return Array.isArray(fields) ? fields.join(", ") : "its identity"
}
