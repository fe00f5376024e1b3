import { UserError, type Health, type LinkedCall, type MountedLinkedCall, type MountSpecification, type SyncCall } from "@veneer/sdk"
import { datasetVariables, slotName } from "./dataset.ts"
import { conninfo } from "./quote.ts"
import * as scripts from "./scripts.ts"
import type { Postgres, Snapshot } from "./schemas.ts"

type Linked = LinkedCall<Postgres>
type Mounted = MountedLinkedCall<Postgres>

/** Where the staging host reaches the source. Without a password, the socket on the same host is the way in (peer). */
function sourceHost({ source, sourceConfig, connection }: Linked): string {
  const { host, password } = source.parameters.method
  const sameHost = sourceConfig.host === connection.address
  if (host !== undefined) return host
  return password === undefined && sameHost && sourceConfig.socketDirectory !== undefined ? sourceConfig.socketDirectory : sourceConfig.host
}

/** The variables by which scripts reach the source over its replication connection. */
export function sourceVariables(call: Linked) {
  const { method } = call.source.parameters
  const username = method.username ?? "postgres"
  return {
    CONNINFO: conninfo({
      host: sourceHost(call), port: method.port ?? call.sourceConfig.port, user: username, dbname: method.database ?? "postgres",
      sslmode: method.sslMode, application_name: slotName(call), connect_timeout: 10,
    }),
    SOURCE_USER: username,
    SOURCE_ID: call.source.id,
    SOURCE_WAL_LEVEL: call.sourceConfig.walLevel,
    SLOT: slotName(call),
    PASSWORD: method.password,
    MAJOR: call.repository.major,
  }
}

/** Only where the source is about to be asked: a dSource that never came to be must still go. */
function refuseUnusablePassword({ source }: Linked): void {
  if (/[\n\r]/.test(source.parameters.method.password?.reveal() ?? "")) {
    throw new UserError("The source's password has a line break, which PostgreSQL's password file can't hold.", { code: "password_unusable", action: "Give the replication role another password." })
  }
}

/**
 * Before these minor versions, replaying CREATE TABLESPACE emptied the directory it names, which on the source's own host
 * is the source's (release notes of 14.2).
 */
function refuseDangerousMinor({ version, major }: Postgres["repository"]): void {
  const minor = Number(version.split(".")[1] ?? "0")
  if ((major === 13 && minor < 6) || (major === 14 && minor < 2)) {
    throw new UserError(`PostgreSQL ${version} on the staging host has a known fault that can destroy tablespaces.`, { code: "version_too_old", action: `Update it to the newest minor version of ${String(major)}, refresh the environment, sync again.` })
  }
}

export function mountSpecification({ repository }: Linked): MountSpecification {
  return { mounts: [{}], ownership: { uid: repository.ownerUid, gid: repository.ownerGid } }
}

/** The ingest: a full copy where there is none or a new one is asked for, then the standby brought up to date. */
export async function preSnapshot(call: SyncCall<Postgres>): Promise<void> {
  const { run, repository, sourceConfig, snapshotParameters } = call
  refuseDangerousMinor(repository)
  refuseUnusablePassword(call)
  const connection = call.connection.as(repository.owner)
  const variables = { ...datasetVariables(call), ...sourceVariables(call) }
  const copy = () => run.detached(connection, scripts.ingest, {
    ...variables,
    TABLESPACES: sourceConfig.tablespaces?.map(({ oid, location }) => `${oid} ${location}`).join("\n"),
    RATE_LIMIT: call.source.parameters.method.rateLimitKBps,
  })
  if (call.resync || snapshotParameters?.resync === true) {
    await copy()
  } else {
    const { complete } = await run.detached(connection, scripts.sync, variables)
    if (complete) return
    call.log("Staging holds no complete copy, so the whole source is copied.")
    await copy()
  }
  await run.detached(connection, scripts.sync, variables)
}

export async function postSnapshot(call: SyncCall<Postgres>): Promise<Snapshot> {
  const described = await call.run.script(call.connection.as(call.repository.owner), scripts.describe, datasetVariables(call))
  return completeDescription(described, "Base backup and streaming replication")
}

/** Adds to a script's description of a snapshot what is derived from it. */
export function completeDescription(described: Omit<Snapshot, "extensions" | "method">, method: string): Snapshot {
  const extensions = new Set(described.databases.flatMap(database => database.extensions ?? []))
  return { ...described, method, extensions: [...extensions].sort() }
}

export async function startStaging(call: Mounted): Promise<void> {
  await call.run.script(call.connection.as(call.repository.owner), scripts.startStandby, { ...datasetVariables(call), ...sourceVariables(call) }, { timeoutMs: 900_000 })
}

export async function stopStaging(call: Mounted): Promise<void> {
  const connection = call.connection.as(call.repository.owner)
  const forGood = call.reason === "delete"
  await call.run.script(connection, scripts.stop, { ...datasetVariables(call), MODE: forGood ? "immediate" : "fast", SECONDS_TO_STOP: 120 })
  if (forGood) await call.run.script(connection, scripts.dropSlot, { ...datasetVariables(call), ...sourceVariables(call) })
}

export async function status(call: Mounted): Promise<Health> {
  const { method } = call.source.parameters
  return call.run.script(call.connection.as(call.repository.owner), scripts.status, { ...datasetVariables(call), PORT: 5432, ROLE: method.username ?? "postgres", STANDBY: "yes" })
}

/** The source's size as it was last seen: the staging host may have no right to ask. */
export function sourceSize({ sourceConfig }: Linked): number {
  return (sourceConfig.databases ?? []).reduce((sum, database) => sum + (database.sizeBytes ?? 0), 0)
}
