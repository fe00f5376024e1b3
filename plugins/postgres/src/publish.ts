import type { PublishCall } from "@veneer/sdk"
import { datasetVariables } from "./dataset.ts"
import type { Postgres, Snapshot } from "./schemas.ts"
import * as scripts from "./scripts.ts"

// Settings that would reach out, or take the server elsewhere, while or after it recovers alone.
const CUT = [
  "port", "listen_addresses", "unix_socket_directories", "archive_mode", "archive_command", "archive_library", "primary_conninfo", "primary_slot_name",
  "restore_command", "archive_cleanup_command", "recovery_end_command", "recovery_target", "recovery_target_lsn", "recovery_target_name", "recovery_target_time",
  "recovery_target_xid", "recovery_target_action", "recovery_target_inclusive", "recovery_target_timeline", "synchronous_standby_names", "data_directory",
  "config_file", "hba_file", "ident_file", "external_pid_file", "ssl", "ssl_ca_file", "ssl_cert_file", "ssl_crl_file", "ssl_crl_dir", "ssl_key_file", "logging_collector",
  "log_directory", "log_destination", "cluster_name",
]

/** Makes a clone of a snapshot, of a dSource or a VDB, what VDBs start from. */
export async function publish(call: PublishCall<Postgres, unknown>): Promise<Partial<Snapshot>> {
  const evidence = await call.run.script(call.connection.as(call.repository.owner), scripts.publish, { ...datasetVariables(call), CUT: CUT.join(" ") }, { timeoutMs: 4 * 3_600_000 })
  return {
    ...evidence,
    quarantine: [
      ...evidence.subscriptions.map(({ name, database }) => `Subscription ${name} in ${database} is disabled and has no slot.`),
      "Replication slots are dropped.",
      "Settings that reach the source, its archive or its standbys are taken out of postgresql.auto.conf.",
    ],
  }
}
