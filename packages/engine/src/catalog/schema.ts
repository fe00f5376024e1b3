import type { ColumnType, Generated, JSONColumnType } from "kysely"
import type { Health } from "@veneer/sdk"
import type { Problem } from "../errors.ts"
import type { SshSettings } from "../environments/port.ts"
import type { Manifest } from "../plugins/port.ts"
import type { PoolSettings } from "../storage/port.ts"

/** A JSON column whose secrets are sealed; read it through the sealer. */
type Sealed = JSONColumnType<Record<string, unknown>>
type Time = ColumnType<Date, Date | undefined, Date>
type OptionalTime = ColumnType<Date | null, Date | null | undefined, Date | null>
type SeenColumn = JSONColumnType<Health | null, string | null, string | null>
/** Sealed. */
type SshColumn = JSONColumnType<SshSettings | null, string | null, string | null>
/** Identity columns are int8, which the driver is told to read as a number. */
type Identity = ColumnType<number, never, never>

export type DsourceState = "linking" | "active" | "disabled" | "deleting"
export type VdbState = "creating" | "active" | "inactive" | "disabled" | "deleting"
export type SnapshotState = "taken" | "published" | "publish_failed"
export type JobState = "queued" | "running" | "undoing" | "succeeded" | "failed" | "cancelled"
export type StepState = "running" | "done" | "failed" | "undone"

/** Bash texts by hook name. */
export type Hooks = Readonly<Record<string, string>>

/** The tables of the catalog, as the migrations make them. */
export interface Tables {
  plugins: { id: string; manifest: JSONColumnType<Manifest>; artifact: string; uploaded_at: Time }
  pools: { name: string; settings: JSONColumnType<PoolSettings>; created_at: Time }
  environments: { id: string; name: string; kind: "local" | "ssh"; os_user: string | null; ssh: SshColumn; created_at: Time; refreshed_at: OptionalTime }
  repositories: { id: string; environment_id: string; plugin_id: string; identity: string; name: string; definition: Sealed; vanished_at: OptionalTime }
  source_configs: { id: string; repository_id: string; identity: string; name: string; definition: Sealed; vanished_at: OptionalTime; manual: Generated<boolean> }
  dsources: {
    id: string; name: string; plugin_id: string; source_config_id: string; environment_id: string; pool: string
    parameters: Sealed; hooks: JSONColumnType<Hooks>; state: DsourceState; size_bytes: number | null; created_at: Time
    health: SeenColumn; health_at: Time; size_at: Time; worker_at: Time
  }
  vdbs: {
    id: string; name: string; plugin_id: string; repository_id: string; environment_id: string; pool: string
    parameters: Sealed; hooks: JSONColumnType<Hooks>; state: VdbState; generation: Generated<number>; snapshot_id: string | null
    source_config: JSONColumnType<Record<string, unknown> | null, string | null, string | null>; created_at: Time
    health: SeenColumn; health_at: Time; size_bytes: number | null; size_at: Time
  }
  timeflows: { id: string; dsource_id: string | null; vdb_id: string | null; reason: string; created_at: Time }
  snapshots: {
    id: string; timeflow_id: string; dsource_id: string | null; vdb_id: string | null; pool: string; dataset: string; image: string | null
    state: SnapshotState; metadata: Sealed; problem: JSONColumnType<Problem | null, string | null, string | null>; taken_at: Time
  }
  ports: { environment_id: string; port: number; owner: string; label: string }
  jobs: {
    id: string; kind: string; request: Sealed; locks: string[]; object_kind: "dsource" | "vdb" | "environment" | "snapshot"; object_id: string; object_name: string
    state: Generated<JobState>; problem: JSONColumnType<Problem | null, string | null, string | null>; cancel_requested: Generated<boolean>
    engine_id: string | null; fence: Generated<number>; lease_until: OptionalTime
    created_at: Time; started_at: OptionalTime; finished_at: OptionalTime
  }
  steps: {
    job_id: string; number: number; name: string; state: StepState
    output: JSONColumnType<{ value: unknown } | null, string | null, string | null>; started_at: Time; finished_at: OptionalTime
  }
  job_lines: { id: Identity; job_id: string; step: string; at: Time; line: string }
  events: { id: Identity; transaction: Generated<string>; at: Time; kind: string; subject_kind: string; subject_id: string; data: JSONColumnType<Record<string, unknown>> }
  tokens: { id: string; name: string; hash: string; created_at: Time }
  idempotency: { token_id: string; key: string; request: string; status: number | null; body: JSONColumnType<object | null, string | null, string | null>; created_at: Time }
}
