import { randomBytes } from "node:crypto"
import { Secret, UserError, type ConfigureCall, type ConfiguredCall, type Connection, type Health, type MountedVirtualCall, type MountSpecification, type VirtualCall } from "@veneer/sdk"
import { datasetVariables, privateDirectory } from "./dataset.ts"
import { completeDescription } from "./linked.ts"
import { quarantine } from "./quarantine.ts"
import { roleSql, sessionOptions } from "./role.ts"
import type { Postgres, Snapshot, SourceConfig } from "./schemas.ts"
import { scramVerifier } from "./scram.ts"
import * as scripts from "./scripts.ts"
import { configurationText, HBA_LINES, settingsToCut } from "./settings.ts"

type Call = VirtualCall<Postgres>
type Mounted = MountedVirtualCall<Postgres>

const SECONDS_TO_START = 300
const SECONDS_TO_STOP = 60

/** What a configure starts from: the snapshot's word, or what the VDB already had. */
type Origin = Pick<SourceConfig, "systemIdentifier" | "checksums" | "sharedPreloadLibraries" | "subscriptions" | "superuser" | "walSegmentBytes">

/** The host, as the OS user who runs the VDB. */
function asOwner({ connection, source, repository }: Call): Connection {
  return connection.as(source.parameters.osUser ?? repository.owner)
}

export async function mountSpecification(call: Call): Promise<MountSpecification> {
  const { repository, source: { parameters: { mountPath, osUser } } } = call
  // A port that is taken is said before anything is made; and it is promised while the clone is made, which costs nothing.
  if (call.reason === "provision" || call.reason === "create") await reservePort(call)
  return {
    mounts: [mountPath === undefined ? {} : { path: mountPath }],
    ownership: osUser === undefined || osUser === repository.owner ? { uid: repository.ownerUid, gid: repository.ownerGid } : await numbersOf(call, osUser),
  }
}

async function numbersOf({ run, connection }: Call, user: string): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all((["-u", "-g"] as const).map(async option => run.exec(connection, ["id", option, "--", user])))
  if (uid?.exitCode !== 0 || gid?.exitCode !== 0) {
    throw new UserError(`There is no OS user ${user} on ${connection.environment}.`, { code: "user_unknown", action: "Create it, or choose another osUser." })
  }
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
}

export async function configure(call: ConfigureCall<Postgres>): Promise<SourceConfig> {
  const { snapshot, repository } = call
  if (snapshot.major !== repository.major) {
    throw new UserError(`The snapshot is of PostgreSQL ${String(snapshot.major)}, ${repository.binDirectory} is ${String(repository.major)}.`, { code: "version_mismatch", action: `Choose a repository of major version ${String(snapshot.major)}.` })
  }
  const missing = snapshot.extensions.filter(extension => !repository.extensions.includes(extension))
  if (missing.length > 0) call.log(`Not installed on this host, so what needs them will fail: ${missing.join(", ")}.`)
  return bringUp(call, { ...snapshot, keepAltered: false })
}

export async function reconfigure(call: ConfiguredCall<Postgres>): Promise<SourceConfig> {
  return bringUp(call, { ...call.sourceConfig, keepAltered: true })
}

export async function initialize(call: Mounted): Promise<SourceConfig> {
  await call.run.script(asOwner(call), scripts.initialize, { ...datasetVariables(call), SOURCE_ID: call.source.id })
  return bringUp(call, { superuser: "postgres", keepAltered: false })
}

/** The VDB's port: the one asked for, or one that is chosen once for its life. */
function reservePort({ ports, connection, source: { parameters: { port } } }: Call): Promise<number> {
  return ports.reserve(connection, { label: "main", ...(port !== undefined && { port }) })
}

/** Starts the cluster under the mount as this VDB: same port and credentials for its life. */
async function bringUp(call: Mounted & { sourceConfig?: SourceConfig }, { keepAltered, ...origin }: Origin & { keepAltered: boolean }): Promise<SourceConfig> {
  const { source: { id, name, parameters }, repository, connection, mounts, run } = call
  const password = parameters.password ?? call.sourceConfig?.password ?? new Secret(randomBytes(18).toString("base64url"))
  const [port, verifier] = await Promise.all([reservePort(call), scramVerifier(password)])
  const user = parameters.user ?? "veneer"
  const database = parameters.database ?? "postgres"
  for (const name of [user, database]) refuseLongName(name)
  const { settings: cuts, report } = quarantine(parameters.quarantine, repository.major, origin.sharedPreloadLibraries)
  const listenAddresses = parameters.listenAddresses ?? [...new Set(["127.0.0.1", connection.address])].join(", ")
  const configuration = {
    mount: mounts[0], privateDirectory: privateDirectory(id), port, listenAddresses, name, major: repository.major, walSegmentBytes: origin.walSegmentBytes ?? 16_777_216,
    durability: parameters.durability, quarantine: cuts, settings: parameters.settings,
  }
  const restored = parameters.quarantine?.subscriptions === false ? origin.subscriptions ?? [] : []
  const { superuser } = await run.script(asOwner(call), scripts.configure, {
    ...datasetVariables(call), SOURCE_ID: id, PORT: port, DATABASE: database, SUPERUSER: origin.superuser, SECONDS_TO_START,
    CONFIGURATION: configurationText(configuration), CUT: settingsToCut(configuration, { keep: keepAltered }), HBA: HBA_LINES, HBA_MODE: parameters.hba ?? "replace",
    CHECK: Object.keys(parameters.settings ?? {}).length > 0 ? "yes" : undefined,
    // A tablespace of the VDB's own outside its dataset is as it was only when nothing was exchanged.
    KEEP_OUTSIDE: call.reason === "enable" ? "yes" : undefined,
    SESSION_OPTIONS: sessionOptions(repository.major), SQL: roleSql(user, verifier, restored),
  }, { timeoutMs: (SECONDS_TO_START + 120) * 1000 })
  return {
    ...pick(origin), name: `${name}:${String(port)}`, dataDirectory: `${mounts[0]}/data`, host: reachableHost(listenAddresses, connection.address), port,
    socketDirectory: privateDirectory(id), owner: parameters.osUser ?? repository.owner, running: true, state: "ready", superuser, user, password, database, quarantine: report,
  }
}

/** PostgreSQL cuts a longer one off, in the middle of a character where a client asks for it: nobody could connect. */
function refuseLongName(name: string): void {
  if (Buffer.byteLength(name) > 63) {
    throw new UserError(`${JSON.stringify(name)} is longer than the 63 bytes that PostgreSQL takes.`, { code: "name_too_long", action: "Give a shorter name; a letter beyond ASCII takes two to four bytes." })
  }
}

/** What a VDB's source config keeps of its origin for the next time. */
function pick({ systemIdentifier, checksums, sharedPreloadLibraries, subscriptions, walSegmentBytes }: Origin): Partial<SourceConfig> {
  const kept = { systemIdentifier, checksums, sharedPreloadLibraries, subscriptions, walSegmentBytes }
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined))
}

/** The address to give to clients: the host's own if the server listens there, else the first it listens on. */
export function reachableHost(listenAddresses: string, address: string): string {
  const listens = listenAddresses.split(",").map(entry => entry.trim()).filter(entry => entry !== "")
  if (listens.some(entry => ["*", "0.0.0.0", "::", address].includes(entry))) return address
  return listens[0] ?? address
}

export async function unconfigure(call: Mounted): Promise<void> {
  const doomed = ["delete", "refresh", "rewind", "rollback"].includes(call.reason)
  await call.run.script(asOwner(call), scripts.stop, { ...datasetVariables(call), MODE: doomed ? "immediate" : "fast", SECONDS_TO_STOP, FORGET: "yes" })
}

export async function start(call: ConfiguredCall<Postgres>): Promise<void> {
  await call.run.script(asOwner(call), scripts.start, { ...datasetVariables(call), PORT: call.sourceConfig.port, SECONDS_TO_START }, { timeoutMs: (SECONDS_TO_START + 60) * 1000 })
}

export async function stop(call: ConfiguredCall<Postgres>): Promise<void> {
  await call.run.script(asOwner(call), scripts.stop, { ...datasetVariables(call), MODE: "fast", SECONDS_TO_STOP })
}

/** The superuser's role, which every script connects as over the socket. */
function role({ sourceConfig }: ConfiguredCall<Postgres>): string {
  return sourceConfig.superuser ?? "postgres"
}

export async function preSnapshot(call: ConfiguredCall<Postgres>): Promise<void> {
  await call.run.script(asOwner(call), scripts.checkpoint, { ...datasetVariables(call), PORT: call.sourceConfig.port, ROLE: role(call) }, { timeoutMs: 3_600_000 })
}

export async function postSnapshot(call: ConfiguredCall<Postgres>): Promise<Snapshot> {
  return completeDescription(await call.run.script(asOwner(call), scripts.describe, datasetVariables(call)), "VDB")
}

export async function status(call: ConfiguredCall<Postgres>): Promise<Health> {
  return call.run.script(asOwner(call), scripts.status, { ...datasetVariables(call), PORT: call.sourceConfig.port, ROLE: role(call) })
}

export async function sourceSize(call: ConfiguredCall<Postgres>): Promise<number> {
  return (await call.run.script(asOwner(call), scripts.size, datasetVariables(call))).bytes
}
