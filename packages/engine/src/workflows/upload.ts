import type { MigrationFacts } from "@veneer/sdk/migrate"
import { inTransaction } from "../catalog/catalog.ts"
import { insertEvent } from "../catalog/events.ts"
import { holdClaims } from "../catalog/jobs.ts"
import { deletePlugin, findPlugin, listPlugins, lockPlugin, usersOfPlugin } from "../catalog/plugins.ts"
import { EngineError } from "../errors.ts"
import type { JobObserver } from "../jobs/job.ts"
import type { InstalledPlugin, Manifest } from "../plugins/port.ts"
import { Turns } from "../turns.ts"
import type { Engine } from "./engine.ts"
import type { Examined } from "./examine.ts"
import { installPlugin, refuseOpenJobs, rehearse, upgradeOf, upgradePlugin, type Pass } from "./upgrade.ts"

/** How an artifact is to be taken. */
export interface UploadOptions {
  /** Change nothing; tell what would happen. */
  dryRun?: boolean | undefined
  /** Only as the next build of a plugin that is here. */
  upgrade?: boolean | undefined
}

/** What an upload did, or, as a dry run, would do. */
export interface Upload extends Examined {
  outcome: "installed" | "upgraded" | "unchanged"
  manifest: Manifest
  /** The build that was there before. */
  from?: Pick<Manifest, "version" | "buildNumber">
  /** Those that ran, in order. */
  migrations: readonly MigrationFacts[]
}

/** What the engine's uploads are made to work with. */
export interface UploadsOptions {
  /** Whether any artifact of a plugin may replace any other: for engines that authors try their builds on. */
  allowRebuild: boolean
  /** Told of the moments of each upload. */
  observe: JobObserver
  /** Told what went wrong beside an upload. */
  report: (thrown: unknown) => void
}

/** The plugins of an engine come and go through here: one at a time, whole or not at all, leaving no artifact that isn't in force. */
export class Uploads {
  readonly #engine: Engine
  readonly #options: UploadsOptions
  readonly #turns = new Turns()

  constructor(engine: Engine, options: UploadsOptions) {
    this.#engine = engine
    this.#options = options
  }

  /** Takes an artifact in: a new plugin, the next build of one, or the very artifact that is in force, which changes nothing. */
  upload(packed: Buffer, options: UploadOptions): Promise<Upload> {
    return this.#alone(() => this.#take(packed, options))
  }

  /** Forgets a plugin no dSource or VDB is of. @throws EngineError `not_found`, `in_use`, `conflict` */
  remove(id: string): Promise<void> {
    return this.#alone(async () => {
      await inTransaction(this.#engine.catalog, async (within) => {
        const found = await lockPlugin(within, id)
        await holdClaims(within)
        if (!found) throw new EngineError("not_found", `There is no plugin "${id}".`)
        const users = await usersOfPlugin(within, id)
        if (users.length > 0) throw new EngineError("in_use", `The plugin "${id}" is used by ${users.join(", ")}.`)
        await refuseOpenJobs(within, id)
        await deletePlugin(within, id)
        await insertEvent(within, { kind: "plugin.deleted", subjectKind: "plugin", subjectId: id, data: {} })
      })
      await this.#engine.plugins.unload(id)
    })
  }

  /** Removes what an engine that died left: artifacts, whole and half ones, that are not in force. */
  async sweep(): Promise<void> {
    await this.#engine.plugins.sweep((await listPlugins(this.#engine.catalog)).map(({ artifact }) => artifact))
  }

  async #take(packed: Buffer, { dryRun = false, upgrade = false }: UploadOptions): Promise<Upload> {
    const { plugins, catalog } = this.#engine
    this.#pass("unpack", "begun")
    const offered = await plugins.install(packed)
    this.#pass("unpack", "happened")
    const { manifest } = offered
    const installed = await findPlugin(catalog, manifest.id)
    if (!installed && upgrade) throw new EngineError("not_found", `There is no plugin "${manifest.id}" to upgrade.`, { action: "Install it: `veneer plugin upload <file>`." })
    if (!installed) return { outcome: "installed", manifest, migrations: [], ...(dryRun ? untouched : await installPlugin(this.#engine, offered, this.#pass)) }
    const { version, buildNumber } = installed.manifest
    const from = { version, buildNumber }
    if (installed.artifact === offered.artifact) return { outcome: "unchanged", manifest, from, migrations: [], ...untouched }
    return { outcome: "upgraded", manifest, from, ...(await this.#upgrade(installed, offered, dryRun)) }
  }

  async #upgrade(installed: InstalledPlugin, offered: InstalledPlugin, dryRun: boolean): Promise<Examined & Pick<Upload, "migrations">> {
    const upgrade = upgradeOf(installed, offered, this.#options.allowRebuild)
    const examined = dryRun ? await rehearse(this.#engine, upgrade) : await upgradePlugin(this.#engine, upgrade, this.#pass)
    return { ...examined, migrations: upgrade.pending }
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.take("plugins", async () => {
      try {
        return await work()
      } finally {
        await this.sweep().catch(this.#options.report)
      }
    })
  }

  readonly #pass: Pass = (step, moment) => this.#options.observe({ job: "upload", step, moment })
}

const untouched: Examined = { objects: [], findings: [], omitted: 0 }
