import { secret, Type, type Static, type TypesOf } from "@veneer/sdk"

const subscription = Type.Object({ name: Type.String(), database: Type.String(), slot: Type.Optional(Type.String()), enabled: Type.Boolean() })

const major = Type.Integer({ title: "Major version" })

/** One installation of PostgreSQL. */
export const repository = Type.Object({
  name: Type.String({ title: "Name" }),
  binDirectory: Type.String({ title: "Program directory", description: "Where postgres, initdb and psql are.", format: "unixpath" }),
  version: Type.String({ title: "Version" }),
  major,
  vendor: Type.String({ title: "Vendor", description: "Who packaged it, as its programs or the package database say." }),
  libDirectory: Type.String({ title: "Library directory", format: "unixpath" }),
  shareDirectory: Type.String({ title: "Share directory", format: "unixpath" }),
  extensions: Type.Array(Type.String(), { title: "Extensions", description: "What CREATE EXTENSION finds here." }),
  owner: Type.String({ title: "OS user", description: "Runs the clusters of this installation." }),
  ownerUid: Type.Integer({ title: "Its number" }),
  ownerGid: Type.Integer({ title: "Its group's number" }),
}, { title: "PostgreSQL installation", identityFields: ["binDirectory"], nameField: "name" })

const database = Type.Object({
  name: Type.String(),
  sizeBytes: Type.Optional(Type.Number()),
  encoding: Type.Optional(Type.String()),
  collation: Type.Optional(Type.String()),
  collationVersion: Type.Optional(Type.String({ description: "The version of the C library's or ICU's collation that its indexes were built with." })),
  isTemplate: Type.Optional(Type.Boolean()),
  allowsConnections: Type.Optional(Type.Boolean()),
  extensions: Type.Optional(Type.Array(Type.String())),
})

/** One cluster: found on a host, entered by hand, or a VDB. */
export const sourceConfig = Type.Object({
  name: Type.String({ title: "Name", description: "As in main:5432." }),
  dataDirectory: Type.String({ title: "Data directory", description: "Absolute path of the cluster's data on its host.", format: "unixpath", minLength: 1 }),
  host: Type.String({ title: "Host", description: "Address at which it takes connections, or the directory of its socket." }),
  port: Type.Integer({ title: "Port", minimum: 1, maximum: 65535, default: 5432 }),
  socketDirectory: Type.Optional(Type.String({ title: "Socket directory" })),
  owner: Type.Optional(Type.String({ title: "OS user" })),
  running: Type.Optional(Type.Boolean({ title: "Running" })),
  state: Type.Optional(Type.String({ title: "State", description: "As PostgreSQL names it: ready, standby, starting, or shut down." })),
  reason: Type.Optional(Type.String({ title: "Why so little is known of it" })),
  action: Type.Optional(Type.String({ title: "What helps" })),
  systemIdentifier: Type.Optional(Type.String({ title: "System identifier" })),
  walLevel: Type.Optional(Type.String({ title: "wal_level" })),
  checksums: Type.Optional(Type.Boolean({ title: "Data checksums" })),
  inRecovery: Type.Optional(Type.Boolean({ title: "In recovery", description: "It is a standby." })),
  sharedPreloadLibraries: Type.Optional(Type.String({ title: "shared_preload_libraries" })),
  databases: Type.Optional(Type.Array(database, { title: "Databases" })),
  tablespaces: Type.Optional(Type.Array(Type.Object({ oid: Type.String(), name: Type.String(), location: Type.String() }), { title: "Tablespaces" })),
  replicationSlots: Type.Optional(Type.Array(Type.Object({ name: Type.String(), type: Type.String(), active: Type.Boolean() }), { title: "Replication slots" })),
  subscriptions: Type.Optional(Type.Array(subscription, { title: "Subscriptions" })),
  user: Type.Optional(Type.String({ title: "Role" })),
  password: Type.Optional(secret({ title: "Password" })),
  database: Type.Optional(Type.String({ title: "Database" })),
  superuser: Type.Optional(Type.String({ title: "Bootstrap superuser" })),
  walSegmentBytes: Type.Optional(Type.Integer({ title: "WAL segment size in bytes" })),
  quarantine: Type.Optional(Type.Array(Type.String(), { title: "Quarantine", description: "What was cut so that this copy can't reach production." })),
}, {
  title: "PostgreSQL cluster",
  identityFields: ["dataDirectory"],
  nameField: "name",
  access: {
    url: "postgresql://{user}:{password}@{host}:{port}/{database}",
    command: ["psql"],
    environment: { PGHOST: "{host}", PGPORT: "{port}", PGUSER: "{user}", PGPASSWORD: "{password}", PGDATABASE: "{database}" },
  },
})

const streaming = Type.Object({
  type: Type.Literal("streaming", { title: "Streaming replication" }),
  host: Type.Optional(Type.String({ title: "Host", description: "Address of the source as the staging host sees it, or a directory with its socket. Left out: where it was found." })),
  port: Type.Optional(Type.Integer({ title: "Port", description: "Left out: where it was found.", minimum: 1, maximum: 65535 })),
  username: Type.Optional(Type.String({ title: "Role", description: "Has LOGIN and REPLICATION, and a line for replication in pg_hba.conf.", minLength: 1, default: "postgres" })),
  password: Type.Optional(secret({ title: "Password", description: "Left out, the source must let the role in without one (peer on the same host)." })),
  database: Type.Optional(Type.String({ title: "Database", description: "Asked where the source's tablespaces are, if the role may connect to it.", minLength: 1, default: "postgres" })),
  sslMode: Type.Optional(Type.Union([Type.Literal("disable"), Type.Literal("prefer"), Type.Literal("require"), Type.Literal("verify-ca"), Type.Literal("verify-full")], { title: "TLS", description: "libpq's sslmode.", default: "prefer" })),
  rateLimitKBps: Type.Optional(Type.Integer({ title: "Rate limit of the base backup, in kB a second", minimum: 32, maximum: 1048576 })),
}, { title: "Streaming replication", description: "A base backup, then a standby that follows the source over a slot of its own.", additionalProperties: false })

/** The dSource's parameters. */
export const linkedSource = Type.Object({
  method: Type.Unsafe<Static<typeof streaming>>({
    oneOf: [streaming],
    title: "Method",
    description: "How the data comes from the source.",
    default: { type: "streaming" },
  }),
}, { title: "dSource", additionalProperties: false })

const cut = (title: string, description: string) => Type.Optional(Type.Boolean({ title, description, default: true }))

/** The VDB's parameters. */
export const virtualSource = Type.Object({
  port: Type.Optional(Type.Integer({ title: "Port", description: "Left out: the first free one from 6000 to 6999.", minimum: 1024, maximum: 65535 })),
  listenAddresses: Type.Optional(Type.String({ title: "Listen addresses", description: "As in postgresql.conf. Left out: the loopback address and the one by which the engine knows the host; never all of them unasked.", minLength: 1 })),
  user: Type.Optional(Type.String({ title: "Role", description: "A superuser to connect with, made if absent.", minLength: 1, maxLength: 63, default: "veneer" })),
  password: Type.Optional(secret({ title: "Password", description: "Left out, one is generated once and kept through refresh and rewind.", minLength: 1 })),
  database: Type.Optional(Type.String({ title: "Database", description: "The one to connect to; the snapshot must hold it.", minLength: 1, maxLength: 63, default: "postgres" })),
  hba: Type.Optional(Type.Union([
    Type.Literal("replace", { title: "One line: password for everybody" }),
    Type.Literal("keep", { title: "The source's lines" }),
    Type.Literal("append", { title: "The source's lines, then ours" }),
  ], { title: "pg_hba.conf", description: "Keep and append need a source whose pg_hba.conf lies in its data directory.", default: "replace" })),
  settings: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), { title: "Settings", description: "Names and values as in postgresql.conf; this PostgreSQL judges them before it starts." })),
  durability: Type.Optional(Type.Union([
    Type.Literal("durable", { title: "Durable: as PostgreSQL promises" }),
    Type.Literal("relaxed", { title: "Relaxed: a crash may lose the last transactions" }),
    Type.Literal("disposable", { title: "Disposable: a power cut may lose the VDB" }),
  ], { title: "Durability", default: "durable" })),
  quarantine: Type.Optional(Type.Object({
    archiving: cut("WAL archiving", "archive_mode off: nothing is added to the source's archive."),
    subscriptions: cut("Subscriptions", "Disabled and without workers: nothing is fetched from, or confirmed to, a publisher."),
    primaryConninfo: cut("Standby settings", "primary_conninfo and restore_command emptied."),
    synchronousStandbys: cut("Synchronous standbys", "synchronous_standby_names emptied: commits wait for nobody."),
    backgroundWorkers: cut("Background workers", "Libraries that act by themselves (pg_cron and the like) are not loaded."),
  }, { title: "Quarantine", description: "What a VDB is cut off from. Replication slots always are: in a copy they have no consumer.", additionalProperties: false })),
  osUser: Type.Optional(Type.String({ title: "OS user", description: "Runs the VDB. Left out: the installation's own.", minLength: 1 })),
  mountPath: Type.Optional(Type.String({ title: "Mount path", description: "Left out: chosen by the engine.", format: "unixpath", minLength: 1 })),
}, { title: "PostgreSQL VDB", additionalProperties: false })

/** What is known of a snapshot; the last group is known once it was published. */
export const snapshot = Type.Object({
  systemIdentifier: Type.String({ title: "System identifier" }),
  version: Type.String({ title: "Version" }),
  major,
  timeline: Type.Integer({ title: "Timeline" }),
  redoLsn: Type.String({ title: "Redo LSN", description: "Where the WAL that belongs to it begins." }),
  endLsn: Type.String({ title: "End LSN", description: "It holds at least everything up to here." }),
  lastCommitAt: Type.Optional(Type.String({ title: "Last commit", format: "date-time" })),
  sizeBytes: Type.Number({ title: "Size of the databases in bytes" }),
  checksums: Type.Boolean({ title: "Data checksums" }),
  walSegmentBytes: Type.Integer({ title: "WAL segment size in bytes" }),
  databases: Type.Array(database, { title: "Databases" }),
  extensions: Type.Array(Type.String(), { title: "Extensions", description: "Those of all databases." }),
  superuser: Type.String({ title: "Bootstrap superuser" }),
  tablespaces: Type.Array(Type.String(), { title: "Tablespaces" }),
  sharedPreloadLibraries: Type.Optional(Type.String({ title: "shared_preload_libraries" })),
  verified: Type.Boolean({ title: "Verified", description: "Its files were held against the base backup's manifest." }),
  method: Type.String({ title: "Method" }),
  cleanShutdown: Type.Optional(Type.Boolean({ title: "Starts without recovery" })),
  checkpointLsn: Type.Optional(Type.String({ title: "Checkpoint LSN" })),
  subscriptions: Type.Optional(Type.Array(subscription, { title: "Subscriptions, as they were before they were cut" })),
  quarantine: Type.Optional(Type.Array(Type.String(), { title: "Quarantine", description: "What publishing cut." })),
}, { title: "PostgreSQL snapshot" })

/** What a person can ask of one sync. */
export const snapshotParameters = Type.Object({
  resync: Type.Optional(Type.Boolean({ title: "Resync", description: "Copy the whole source anew.", default: false })),
}, { title: "Sync", additionalProperties: false })

export const schemas = { repository, sourceConfig, linkedSource, virtualSource, snapshot, snapshotParameters }

/** The types behind the six schemas. */
export type Postgres = TypesOf<typeof schemas>
export type Repository = Postgres["repository"]
export type SourceConfig = Postgres["sourceConfig"]
export type VirtualSource = Postgres["virtualSource"]
export type Snapshot = Postgres["snapshot"]
