import { script, Type } from "@veneer/sdk"
import { repository, snapshot, sourceConfig } from "./schemas.ts"

const nothing = Type.Object({})
const dataset = { MOUNT: "string", BIN_DIR: "string", PRIVATE_DIR: "string" } as const
const source = { CONNINFO: "string", SOURCE_USER: "string", SOURCE_ID: "string", SOURCE_WAL_LEVEL: "string?", SLOT: "string", PASSWORD: "secret?", MAJOR: "integer" } as const

export const findRepositories = script({ file: "find-repositories.sh", variables: {}, output: Type.Object({ repositories: Type.Array(repository) }) })

export const findClusters = script({
  file: "find-clusters.sh",
  variables: { BIN_DIR: "string", MAJOR: "integer" },
  output: Type.Object({
    clusters: Type.Array(Type.Object({
      dataDirectory: Type.String(),
      name: Type.String(),
      owner: Type.Optional(Type.String()),
      port: Type.Integer(),
      running: Type.Boolean(),
      listens: Type.Boolean(),
      socketDirectory: Type.Optional(Type.String()),
      state: Type.Optional(Type.String()),
    })),
  }),
})

export const inspectCluster = script({
  file: "inspect-cluster.sh",
  variables: { BIN_DIR: "string", DATA_DIR: "string", PORT: "integer", SOCKET_DIR: "string?", RUNNING: "string?" },
  output: Type.Partial(Type.Pick(sourceConfig, ["systemIdentifier", "walLevel", "checksums", "inRecovery", "sharedPreloadLibraries", "databases", "tablespaces", "replicationSlots", "subscriptions", "reason", "action"])),
})

export const ingest = script({
  file: "ingest.sh",
  variables: { ...dataset, ...source, TABLESPACES: "string?", RATE_LIMIT: "integer?" },
  output: Type.Object({ systemIdentifier: Type.String() }),
})
export const sync = script({ file: "sync.sh", variables: { ...dataset, ...source }, output: Type.Object({ complete: Type.Boolean() }) })
export const startStandby = script({ file: "staging.sh", variables: { ...dataset, ...source }, output: nothing })
export const dropSlot = script({ file: "drop-slot.sh", variables: { ...dataset, ...source }, output: nothing })

const described = Type.Omit(snapshot, ["extensions", "method", "cleanShutdown", "checkpointLsn", "subscriptions", "quarantine"])
export const describe = script({ file: "describe.sh", variables: dataset, output: described })

export const publish = script({
  file: "publish.sh",
  variables: dataset,
  output: Type.Required(Type.Pick(snapshot, ["cleanShutdown", "timeline", "checkpointLsn", "superuser", "subscriptions"])),
})

export const initialize = script({ file: "initdb.sh", variables: { ...dataset, SOURCE_ID: "string" }, output: nothing })
export const configure = script({
  file: "configure.sh",
  variables: {
    ...dataset, SOURCE_ID: "string", PORT: "integer", CONFIGURATION: "string", HBA: "string", HBA_MODE: "string", CUT: "string", CHECK: "string?", KEEP_OUTSIDE: "string?",
    SUPERUSER: "string?", DATABASE: "string", SESSION_OPTIONS: "string", SQL: "secret", SECONDS_TO_START: "integer",
  },
  output: Type.Object({ superuser: Type.String() }),
})
export const start = script({ file: "start.sh", variables: { ...dataset, PORT: "integer", SECONDS_TO_START: "integer" }, output: nothing })
export const stop = script({ file: "stop.sh", variables: { ...dataset, MODE: "string", SECONDS_TO_STOP: "integer", FORGET: "string?" }, output: nothing })
export const checkpoint = script({ file: "checkpoint.sh", variables: { ...dataset, PORT: "integer", ROLE: "string" }, output: nothing })
export const size = script({ file: "size.sh", variables: dataset, output: Type.Object({ bytes: Type.Number() }) })
export const status = script({
  file: "status.sh",
  variables: { ...dataset, PORT: "integer", ROLE: "string", STANDBY: "string?" },
  output: Type.Object({
    state: Type.Union([Type.Literal("active"), Type.Literal("inactive"), Type.Literal("degraded")]),
    reason: Type.Optional(Type.String()),
    action: Type.Optional(Type.String()),
  }),
})

export const listDirectories = script({
  file: "list-directories.sh",
  variables: {},
  output: Type.Object({ directories: Type.Array(Type.Object({ path: Type.String(), source: Type.String(), owner: Type.String() })) }),
})
export const removeDirectory = script({ file: "remove-directory.sh", variables: dataset, output: nothing })
export const dropIdleSlot = script({ file: "drop-idle-slot.sh", variables: { BIN_DIR: "string", PORT: "integer", SOCKET_DIR: "string?", SLOT: "string" }, output: nothing })
