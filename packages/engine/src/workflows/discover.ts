import type { JobRecord } from "../catalog/jobs.ts"
import { saveDiscovery, type FoundRepository } from "../catalog/sources.ts"
import type { EnvironmentRecord } from "../catalog/environments.ts"
import type { Effect, Job, Step } from "../jobs/job.ts"
import type { Manifest } from "../plugins/port.ts"
import { listPlugins } from "../catalog/plugins.ts"
import type { Engine } from "./engine.ts"
import { theEnvironment } from "./find.ts"
import { identified } from "./identity.ts"
import { requestJob } from "./request.ts"

/** Asks every plugin what an environment holds. */
export async function requestDiscover(engine: Engine, environment: string): Promise<JobRecord> {
  const { id, name } = await theEnvironment(engine, environment)
  return requestJob(engine, { kind: "discover", subject: { kind: "environment", id, name } })
}

export async function discover(engine: Engine, job: Job, { id }: { id: string }): Promise<void> {
  const environment = await theEnvironment(engine, id)
  await job.step("discover", discoverAll(engine, environment))
}

/** Nothing is written before every plugin has answered. */
function discoverAll(engine: Engine, environment: EnvironmentRecord): Effect<{ repositories: number; sources: number }> {
  return {
    run: async (step) => {
      const plugins = await listPlugins(engine.catalog)
      const found = new Map<string, FoundRepository[]>()
      for (const { manifest } of plugins) found.set(manifest.id, await askPlugin(engine, step, environment, manifest))
      for (const [plugin, repositories] of found) await saveDiscovery(engine.catalog, environment.id, plugin, repositories)
      const repositories = [...found.values()].flat()
      return { repositories: repositories.length, sources: repositories.flatMap(({ sourceConfigs }) => sourceConfigs).length }
    },
  }
}

async function askPlugin(engine: Engine, step: Step, environment: EnvironmentRecord, manifest: Manifest): Promise<FoundRepository[]> {
  const context = {
    environment, reason: "discover" as const, key: `${step.key}/${manifest.id}`, owner: undefined, signal: step.signal,
    log: (line: string) => step.log(line), progress: () => undefined,
  }
  const repositories = await engine.plugins.call(manifest.id, "discovery.repositories", {}, context)
  const found: FoundRepository[] = []
  for (const [index, repository] of repositories.entries()) {
    step.progress({ fraction: index / repositories.length, message: manifest.name })
    const configs = await engine.plugins.call(manifest.id, "discovery.sourceConfigs", { repository }, context)
    found.push({ ...identified(manifest, "repository", repository), sourceConfigs: configs.map((config) => identified(manifest, "sourceConfig", config)) })
  }
  return found
}
