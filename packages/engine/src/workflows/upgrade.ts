import { pendingMigrations, upgradeFaults } from "@veneer/sdk/upgrade"
import type { Fault } from "@veneer/sdk/values"
import { inTransaction, type Catalog } from "../catalog/catalog.ts"
import { insertEvent } from "../catalog/events.ts"
import { holdClaims, openJobsOf } from "../catalog/jobs.ts"
import { findPlugin, lockPlugin, savePlugin } from "../catalog/plugins.ts"
import { EngineError } from "../errors.ts"
import type { JobMoment } from "../jobs/job.ts"
import type { InstalledPlugin } from "../plugins/port.ts"
import type { Engine } from "./engine.ts"
import { examine, type Examined, type Upgrade, type UpgradeFinding } from "./examine.ts"

/** Told of an upgrade's moments as they pass. */
export type Pass = (step: "unpack" | "examine" | "swap", moment: JobMoment["moment"]) => void

/** So many faults go with the error of an upgrade that is refused; a dry run tells more. */
const FAULTS = 100

const nothing: Examined = { objects: [], findings: [], omitted: 0 }

/** What stands between a plugin and an artifact that is to replace it. @param allowRebuild any artifact may follow any other */
export function upgradeOf(installed: InstalledPlugin, offered: InstalledPlugin, allowRebuild: boolean): Upgrade & { conflicts: readonly UpgradeFinding[] } {
  const faults = allowRebuild ? [] : upgradeFaults(installed.manifest, offered.manifest)
  return {
    installed, offered, pending: pendingMigrations(installed.manifest, offered.manifest),
    conflicts: faults.map(({ place, message, mend }) => ({ pointer: place, message: `${message} ${mend}` })),
  }
}

/**
 * Replaces a plugin by a higher build and everything that is stored for it by what that build's migrations make of it:
 * all of it in one transaction, or nothing. It is tried without holding anything first, so that only what is likely to
 * succeed keeps jobs waiting. Running VDBs are no part of it: nothing on any host is touched.
 * @throws EngineError `build_number_not_higher`, `migrations_missing`, `upgrade_blocked`; `conflict` while a job of the plugin is under way
 */
export async function upgradePlugin(engine: Engine, upgrade: Upgrade & { conflicts: readonly UpgradeFinding[] }, pass: Pass): Promise<Examined> {
  const { installed, offered, conflicts, pending } = upgrade
  const { id, version, buildNumber } = offered.manifest
  refuseConflicts(id, conflicts)
  await refuseOpenJobs(engine.catalog, id)
  pass("examine", "begun")
  refuseFindings(id, await examine(engine, engine.catalog, upgrade, { save: false }))
  pass("examine", "happened")
  return putInForce(engine, offered, pass, async (within) => {
    const current = await lockPlugin(within, id)
    await holdClaims(within)
    if (current?.artifact !== installed.artifact) throw new EngineError("conflict", `The plugin "${id}" was replaced or deleted meanwhile.`, { action: "Look at what is installed (`veneer plugin show`), then try again." })
    await refuseOpenJobs(within, id)
    const examined = await examine(engine, within, upgrade, { save: true })
    refuseFindings(id, examined)
    await insertEvent(within, { kind: "plugin.upgraded", subjectKind: "plugin", subjectId: id, data: { version, buildNumber, from: installed.manifest.buildNumber, migrations: pending } })
    return examined
  })
}

/** Installs a plugin that isn't here. */
export async function installPlugin(engine: Engine, offered: InstalledPlugin, pass: Pass): Promise<Examined> {
  const { id, version, buildNumber } = offered.manifest
  return putInForce(engine, offered, pass, async (within) => {
    await insertEvent(within, { kind: "plugin.installed", subjectKind: "plugin", subjectId: id, data: { version, buildNumber } })
    return nothing
  })
}

/** What a dry run tells: how everything would fare. */
export async function rehearse(engine: Engine, upgrade: Upgrade & { conflicts: readonly UpgradeFinding[] }): Promise<Examined> {
  const { findings, ...rest } = await examine(engine, engine.catalog, upgrade, { save: false })
  return { ...rest, findings: [...upgrade.conflicts, ...findings] }
}

/**
 * The catalog's transaction and what is loaded change as one: the artifact is loaded while the transaction still keeps
 * jobs from being claimed, and what the catalog says is loaded again if it doesn't end well.
 */
async function putInForce(engine: Engine, offered: InstalledPlugin, pass: Pass, prepare: (within: Catalog) => Promise<Examined>): Promise<Examined> {
  let retired: Promise<void> | undefined
  try {
    pass("swap", "begun")
    const examined = await inTransaction(engine.catalog, async (within) => {
      const prepared = await prepare(within)
      await savePlugin(within, offered)
      retired = engine.plugins.load(offered)
      pass("swap", "happened")
      return prepared
    })
    pass("swap", "recorded")
    return examined
  } catch (error) {
    if (retired) await reload(engine, offered.manifest.id)
    throw error
  } finally {
    // Calls of the build before end with the artifact still there.
    await retired
  }
}

async function reload({ catalog, plugins }: Engine, id: string): Promise<void> {
  const inForce = await findPlugin(catalog, id)
  await (inForce ? plugins.load(inForce) : plugins.unload(id))
}

/** A job works with what it read when it began, so none may be under way. @throws EngineError `conflict` */
export async function refuseOpenJobs(catalog: Catalog, pluginId: string): Promise<void> {
  const [job, ...others] = await openJobsOf(catalog, pluginId)
  if (!job) return
  const more = others.length > 0 ? ` and ${others.length} more` : ""
  throw new EngineError("conflict", `Job ${job.id} (${job.kind} of "${job.name}")${more} of the plugin "${pluginId}" is under way.`, {
    action: `Wait for it (\`veneer job watch ${job.id}\`) or cancel it (\`veneer job cancel ${job.id}\`), then try again.`,
  })
}

function refuseConflicts(id: string, conflicts: readonly UpgradeFinding[]): void {
  if (conflicts.length === 0) return
  const code = conflicts.some(({ pointer }) => pointer === "/buildNumber") ? "build_number_not_higher" : "migrations_missing"
  throw new EngineError(code, `The plugin "${id}" can't be replaced by this artifact. ${conflicts.map(({ message }) => message).join(" ")}`, { faults: conflicts.map(faultOf) })
}

function refuseFindings(id: string, { findings, omitted }: Examined): void {
  if (findings.length === 0) return
  const count = findings.length + omitted
  throw new EngineError("upgrade_blocked", `The upgrade of "${id}" would break ${count === 1 ? "a rule" : `${count} rules`}; nothing was changed.`, { faults: findings.slice(0, FAULTS).map(faultOf) })
}

const words = { repository: ["repositories", "Repository"], "source-config": ["source-configs", "Source"], dsource: ["dsources", "dSource"], vdb: ["vdbs", "VDB"], snapshot: ["snapshots", "Snapshot of"] } as const

/** A finding as a fault of a request: its object stands in the pointer as it stands in the API. */
function faultOf({ object, pointer, message }: UpgradeFinding): Fault {
  if (!object) return { pointer, message }
  const [collection, word] = words[object.kind]
  return { pointer: `/${collection}/${object.id}${pointer}`, message: `${word} "${object.name}": ${message}` }
}
