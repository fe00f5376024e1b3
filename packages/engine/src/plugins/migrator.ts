import { encode } from "@veneer/sdk/call"
import { acceptStored, createRedactor, type FindReference, type Redactor } from "@veneer/sdk/contract"
import type { MigrationFacts, MigrationKind } from "@veneer/sdk/migrate"
import { Secret } from "@veneer/sdk/secret"
import { isObject, Validator } from "@veneer/sdk/values"
import { EngineError } from "../errors.ts"
import type { PluginHost } from "./host.ts"
import type { Manifest, Migrated, Migrator, PluginValue } from "./port.ts"
import { Thrown } from "./running.ts"

/** So many processes may one migration cost; the values after that are not tried with it. */
const LIVES = 3

/** Ends a migration of one value: what is wrong, and in which migration. */
class Failed extends Error {
  readonly id: string

  constructor(id: string, message: string) {
    super(message)
    this.id = id
  }
}

interface MigratorOptions {
  manifest: Manifest
  host: PluginHost
  /** What the values have yet to go through, in order. */
  pending: readonly MigrationFacts[]
  references: FindReference
}

/**
 * Runs migrations in a process of their own and holds the outcome against the schemas of their artifact.
 */
export function createMigrator({ manifest, host, pending, references }: MigratorOptions): Migrator {
  const validator = new Validator()
  const deaths = new Map<string, number>()

  const step = async ({ id }: MigrationFacts, value: unknown, redactor: Redactor): Promise<unknown> => {
    try {
      const migrated = await host.migrate(id, encode(value))
      redactor.add(migrated)
      if (isObject(migrated) && !(migrated instanceof Secret)) return migrated
      throw new Failed(id, `it returned ${migrated === undefined ? "nothing" : "something that is no object"}`)
    } catch (error) {
      if (error instanceof Failed) throw error
      if (error instanceof EngineError) deaths.set(id, (deaths.get(id) ?? 0) + 1)
      throw new Failed(id, redactor.text(reasonOf(error)))
    }
  }

  const migrate = async (kind: MigrationKind, old: PluginValue): Promise<Migrated> => {
    const own = pending.filter((migration) => migration.kind === kind)
    if (own.some(({ id }) => (deaths.get(id) ?? 0) >= LIVES)) return { untried: true }
    const redactor = createRedactor()
    redactor.add(old)
    try {
      let value: unknown = old
      for (const migration of own) value = await step(migration, value, redactor)
      const { value: accepted, faults = [] } = await acceptStored({ validator, schema: manifest.schemas[kind], references }, kind, value)
      return accepted ? { value: accepted } : { faults: faults.map(({ pointer, message }) => ({ pointer, message: redactor.text(message) })) }
    } catch (error) {
      if (!(error instanceof Failed)) throw error
      return { faults: [{ pointer: "", message: `The migration ${error.id} failed: ${error.message}`, migration: error.id }] }
    }
  }

  return { migrate, close: () => host.close() }
}

/** What a person is told of how a migration ended: its own words, or what became of its process. */
function reasonOf(error: unknown): string {
  if (error instanceof Thrown && error.error.kind === "user") return `${error.message} ${error.error.action}`
  return error instanceof Error ? error.message : String(error)
}
