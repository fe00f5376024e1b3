import { canonicalId, compareIds, type MigrationFacts } from "./migrate.ts"
import type { PluginFault } from "./plugin-fault.ts"

/** As much of a build as decides whether another may follow it. */
export interface Build {
  buildNumber: string
  migrations: readonly MigrationFacts[]
}

/** Why a build may not replace the one that is installed: its number must be higher, and it has every migration that one had. */
export function upgradeFaults(installed: Build, offered: Build): PluginFault[] {
  return [...buildFaults(installed.buildNumber, offered.buildNumber), ...installed.migrations.flatMap((had) => migrationFaults(had, offered.migrations))]
}

/** The migrations of a build that the installed one did not have, in the order in which they run. */
export function pendingMigrations(installed: Build, offered: Build): MigrationFacts[] {
  const had = new Set(installed.migrations.map(({ id }) => canonicalId(id)))
  return offered.migrations.filter(({ id }) => !had.has(canonicalId(id))).toSorted((a, b) => compareIds(a.id, b.id))
}

function buildFaults(installed: string, offered: string): PluginFault[] {
  const difference = compareIds(offered, installed)
  if (difference > 0) return []
  const message = difference === 0 ? `Another artifact is installed with the build number ${installed}.` : `The build number is ${offered}, and build ${installed} is installed.`
  return [{ place: "/buildNumber", message, mend: `Raise the plugin's buildNumber above ${installed} and build it again.` }]
}

function migrationFaults(had: MigrationFacts, offered: readonly MigrationFacts[]): PluginFault[] {
  const same = offered.find(({ id }) => compareIds(id, had.id) === 0)
  if (!same) return [{ place: "/migrations", message: `The migration ${had.id} of ${had.kind} is missing; the installed build has it.`, mend: "Put it back: a build keeps every migration of the builds before it." }]
  if (same.kind === had.kind) return []
  return [{ place: "/migrations", message: `The migration ${had.id} is of ${same.kind}; in the installed build it is of ${had.kind}.`, mend: "Give the new migration an id of its own, and keep the old one." }]
}
