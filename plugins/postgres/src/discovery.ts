import { ScriptError, UserError, type Call, type Connection } from "@veneer/sdk"
import type { Repository, SourceConfig } from "./schemas.ts"
import * as scripts from "./scripts.ts"

type Discovering = Call & { connection: Connection }

export async function repositories({ run, connection }: Discovering): Promise<Repository[]> {
  return (await run.script(connection, scripts.findRepositories, {}, { timeoutMs: 60_000 })).repositories
}

export async function sourceConfigs(call: Discovering & { repository: Repository }): Promise<SourceConfig[]> {
  const { run, connection, repository } = call
  const { clusters } = await run.script(connection, scripts.findClusters, { BIN_DIR: repository.binDirectory, MAJOR: repository.major }, { timeoutMs: 60_000 })
  return Promise.all(clusters.map(async ({ listens, name, ...cluster }) => ({
    ...cluster,
    name: `${name}:${String(cluster.port)}`,
    host: listens || cluster.socketDirectory === undefined ? connection.address : cluster.socketDirectory,
    ...(await inspect(call, cluster)),
  })))
}

/** What the cluster's owner may learn of it; a cluster that can't be asked is listed with the reason. */
async function inspect({ run, connection, repository }: Discovering & { repository: Repository }, cluster: { dataDirectory: string; owner?: string; port: number; running: boolean; socketDirectory?: string }): Promise<Partial<SourceConfig>> {
  const owner = cluster.owner ?? repository.owner
  try {
    return await run.script(connection.as(owner), scripts.inspectCluster, {
      BIN_DIR: repository.binDirectory, DATA_DIR: cluster.dataDirectory, PORT: cluster.port, SOCKET_DIR: cluster.socketDirectory, RUNNING: cluster.running ? "yes" : undefined,
    }, { timeoutMs: 60_000 })
  } catch (error) {
    if (error instanceof UserError) return { reason: error.message, action: error.action }
    const said = error instanceof ScriptError ? error.stderr.trim().split("\n").at(-1) : undefined
    return { reason: said === undefined || said === "" ? `Nothing can be run as ${owner} on ${connection.environment}.` : said, action: `Let the environment's user run commands as ${owner}, then refresh the environment.` }
  }
}
