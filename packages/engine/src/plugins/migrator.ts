import { decode, encode } from "@veneer/sdk/call"
import { acceptStored, createRedactor, type FindReference, type Redactor } from "@veneer/sdk/contract"
import type { MigrationFacts, MigrationKind } from "@veneer/sdk/migrate"
import { Secret } from "@veneer/sdk/secret"
import { isObject, Validator } from "@veneer/sdk/values"
import { EngineError } from "../errors.ts"
import type { PluginHost } from "./host.ts"
import type { Manifest, Migrated, Migrator } from "./port.ts"

/** So many processes may one migration cost; the values after that are not tried with it. */
const LIVES = 3

/** Values that go to the process together. One that costs the process is found by trying its batch one by one. */
const BATCH = 100

/** What migrations are run with. */
export interface MigratorOptions {
  manifest: Manifest
  /** Makes the process, whose prints may hold what the values do. */
  host: (redact: (text: string) => string) => PluginHost
  /** What the values have yet to go through, in order. */
  pending: readonly MigrationFacts[]
  references: FindReference
}

/** A value on its way. */
interface Traveller {
  value: unknown
  redactor: Redactor
  /** The migration it did not get through, and why. */
  stopped?: { id: string; reason: string | undefined }
}

/** Runs migrations in a process of their own and holds the outcome against the schemas of their artifact. */
export function createMigrator({ manifest, host: hostOf, pending, references }: MigratorOptions): Migrator {
  const validator = new Validator()
  let known: readonly Redactor[] = []
  const host = hostOf((text) => known.reduce((shown, redactor) => redactor.text(shown), text))
  const deaths = new Map<string, number>()

  const pass = async (id: string, batch: readonly Traveller[]): Promise<void> => {
    known = batch.map(({ redactor }) => redactor)
    try {
      const answers: unknown = await host.migrate(id, batch.map(({ value }) => encode(value)))
      if (!Array.isArray(answers) || answers.length !== batch.length) throw new EngineError("plugin_failed", "its process answered with something else than what it was asked for")
      for (const [index, traveller] of batch.entries()) move(traveller, id, answers[index])
    } catch (error) {
      if (batch.length > 1) return passOneByOne(id, batch)
      if (error instanceof EngineError) deaths.set(id, (deaths.get(id) ?? 0) + 1)
      for (const traveller of batch) stop(traveller, id, error instanceof Error ? error.message : String(error))
    }
  }

  const passOneByOne = async (id: string, batch: readonly Traveller[]): Promise<void> => {
    for (const traveller of batch) {
      if ((deaths.get(id) ?? 0) < LIVES) await pass(id, [traveller])
      else traveller.stopped = { id, reason: undefined }
    }
  }

  const accept = async (kind: MigrationKind, { value, redactor, stopped }: Traveller): Promise<Migrated> => {
    if (stopped) return stopped.reason === undefined ? { untried: true } : { faults: [{ pointer: "", message: `The migration ${stopped.id} failed: ${stopped.reason}`, migration: stopped.id }] }
    const { value: accepted, faults = [] } = await acceptStored({ validator, schema: manifest.schemas[kind], references }, kind, value)
    return accepted ? { value: accepted } : { faults: faults.map(({ pointer, message }) => ({ pointer, message: redactor.text(message) })) }
  }

  return {
    migrate: async (kind, values) => {
      const travellers = values.map((value): Traveller => ({ value, redactor: createRedactor() }))
      for (const { value, redactor } of travellers) redactor.add(value)
      for (const { id } of pending.filter((migration) => migration.kind === kind)) {
        const left = travellers.filter(({ stopped }) => !stopped)
        for (let start = 0; start < left.length; start += BATCH) {
          const batch = left.slice(start, start + BATCH)
          await ((deaths.get(id) ?? 0) < LIVES ? pass(id, batch) : passOneByOne(id, batch))
        }
      }
      const migrated: Migrated[] = []
      for (const traveller of travellers) migrated.push(await accept(kind, traveller))
      return migrated
    },
    close: () => host.close(),
  }
}

/** One value after one migration. The answer comes from a process that runs other people's code. */
function move(traveller: Traveller, id: string, answer: unknown): void {
  if (!isObject(answer) || !("value" in answer)) return stop(traveller, id, reasonOf(isObject(answer) ? answer["error"] : undefined))
  const migrated = decode(answer["value"])
  traveller.redactor.add(migrated)
  if (isObject(migrated) && !(migrated instanceof Secret)) traveller.value = migrated
  else stop(traveller, id, `it returned ${migrated === null ? "nothing" : "something that is no object"}`)
}

function stop(traveller: Traveller, id: string, reason: string): void {
  traveller.stopped = { id, reason: traveller.redactor.text(reason) }
}

/** What the plugin threw, in its own words. */
function reasonOf(error: unknown): string {
  if (!isObject(error)) return "it said nothing"
  return error["kind"] === "user" ? `${String(error["message"])} ${String(error["action"])}` : String(error["message"])
}
