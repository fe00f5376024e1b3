import { canonicalId, migrationKinds } from "./migrate.ts"
import type { PluginFault } from "./plugin-fault.ts"

type Fields = Record<string, unknown>

const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value)

const HOW = `migration("1.2", "virtualSource", (old) => ({ … }))`

/** Faults of a plugin's migrations: each with an id of its own, a kind that is stored, and a plain function. */
export function migrationFaults(migrations: unknown): PluginFault[] {
  if (migrations === undefined) return []
  if (!Array.isArray(migrations)) return [{ place: "/migrations", message: "The plugin's migrations are no list.", mend: `migrations: [${HOW}]` }]
  const ids = migrations.map((each: unknown) => (isObject(each) && typeof each["id"] === "string" ? canonicalId(each["id"]) : undefined))
  return migrations.flatMap((each: unknown, index) => {
    const place = `/migrations/${index}`
    if (!isObject(each)) return [{ place, message: "This is no migration.", mend: HOW }]
    return [...idFaults(place, each["id"], ids, index), ...kindFaults(place, each["kind"]), ...functionFaults(place, each["migrate"])]
  })
}

function idFaults(at: string, id: unknown, ids: readonly (string | undefined)[], index: number): PluginFault[] {
  const place = `${at}/id`
  if (id === undefined) return [{ place, message: "The migration has no id.", mend: "Dotted numbers, higher than all before: 3, or 2024.2." }]
  const own = ids[index]
  if (own === undefined) return [{ place, message: `${JSON.stringify(id)} is no id of a migration.`, mend: "Dotted numbers in a string, not all zero, at most 64 characters: 3, or 2024.2." }]
  const twin = ids.indexOf(own)
  return twin < index ? [{ place, message: `The id ${JSON.stringify(id)} is that of the migration at /migrations/${twin}: both are ${own}.`, mend: "Give it a higher one; kinds share their ids." }] : []
}

function kindFaults(at: string, kind: unknown): PluginFault[] {
  if (migrationKinds.some((known) => known === kind)) return []
  const place = `${at}/kind`
  const mend = `The kinds are ${migrationKinds.join(", ")}.`
  if (kind === "snapshotParameters") return [{ place, message: "Snapshot parameters are not stored: they end with their sync, so nothing is there to migrate.", mend: `Remove it. ${mend}` }]
  return [{ place, message: kind === undefined ? "The migration has no kind." : `${JSON.stringify(kind)} is no kind of stored value.`, mend }]
}

function functionFaults(at: string, migrate: unknown): PluginFault[] {
  const place = `${at}/migrate`
  if (typeof migrate !== "function") return [{ place, message: "The migration has no function.", mend: HOW }]
  // Both name themselves so; what returns a promise in another way is found when it is called.
  if (Object.prototype.toString.call(migrate) === "[object Function]") return []
  return [{ place, message: "The migration is asynchronous or a generator.", mend: "Make it a plain function: it gets a value and returns one." }]
}
