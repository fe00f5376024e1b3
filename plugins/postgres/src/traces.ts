import type { Call, Connection, Trace } from "@veneer/sdk"
import { sourceOfSlot } from "./dataset.ts"
import type { Repository, SourceConfig } from "./schemas.ts"
import * as scripts from "./scripts.ts"

type Looking = Call & { connection: Connection; repository: Repository; sourceConfigs: SourceConfig[] }

/** Ours on the host: private directories (with a server, if one still runs from there), and idle slots on its clusters. */
export async function traces(call: Looking): Promise<Trace[]> {
  const { directories } = await call.run.script(call.connection, scripts.listDirectories, {})
  const slots = await Promise.all(call.sourceConfigs.filter(({ running }) => running === true).map(async cluster => slotTraces(call, cluster)))
  return [
    ...directories.map(({ path, source, owner }) => ({
      source,
      name: `directory ${owner} ${path}`,
      description: `${path} holds sockets and credentials of a dSource or VDB.`,
      action: `Stop the server whose process number is in ${path}/postmaster.pid, if it runs, and remove the directory.`,
    })),
    ...slots.flat(),
  ]
}

/** A slot in use belongs to a running standby: only an idle one can be left over. */
async function slotTraces({ run, connection, repository, engine }: Looking, cluster: SourceConfig): Promise<Trace[]> {
  const { replicationSlots = [] } = await run.script(connection.as(cluster.owner ?? repository.owner), scripts.inspectCluster, {
    BIN_DIR: repository.binDirectory, DATA_DIR: cluster.dataDirectory, PORT: cluster.port, SOCKET_DIR: cluster.socketDirectory, RUNNING: "yes",
  })
  return replicationSlots.flatMap(({ name, active }) => {
    const source = sourceOfSlot(name, engine)
    if (source === undefined || active) return []
    return [{
      source,
      name: `slot ${name} ${cluster.dataDirectory}`,
      description: `The replication slot ${name} of ${cluster.name} holds back WAL for a dSource.`,
      action: `In ${cluster.name} run: SELECT pg_drop_replication_slot('${name}');`,
    }]
  })
}

/** Removes one; a server that still runs from a private directory is stopped first. */
export async function removeTrace(call: Looking & { trace: Trace }): Promise<void> {
  const { run, connection, repository, sourceConfigs, trace } = call
  const [, kind, what = "", where = ""] = /^(\S+) (\S+) (.*)$/s.exec(trace.name) ?? []
  if (kind === "directory") {
    await run.script(connection.as(what), scripts.removeDirectory, { MOUNT: "/nonexistent", BIN_DIR: repository.binDirectory, PRIVATE_DIR: where })
    return
  }
  const cluster = sourceConfigs.find(({ dataDirectory }) => dataDirectory === where)
  if (kind !== "slot" || cluster === undefined) return
  await run.script(connection.as(cluster.owner ?? repository.owner), scripts.dropIdleSlot, { BIN_DIR: repository.binDirectory, PORT: cluster.port, SOCKET_DIR: cluster.socketDirectory, SLOT: what })
}
