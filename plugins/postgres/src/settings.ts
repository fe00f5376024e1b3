import { UserError } from "@veneer/sdk"
import { confValue } from "./quote.ts"
import type { VirtualSource } from "./schemas.ts"

/** What the configuration of a VDB is made of. */
export interface Configuration {
  /** Absolute path of the dataset on the host. */
  mount: string
  privateDirectory: string
  port: number
  listenAddresses: string
  /** The VDB's name, for process listings. */
  name: string
  major: number
  walSegmentBytes: number
  durability: VirtualSource["durability"]
  quarantine: Record<string, string>
  settings: VirtualSource["settings"]
}

const DURABILITY: Record<NonNullable<VirtualSource["durability"]>, Record<string, string>> = {
  durable: { fsync: "on", full_page_writes: "on" },
  relaxed: { fsync: "on", full_page_writes: "on", synchronous_commit: "off" },
  disposable: { fsync: "off", full_page_writes: "off", synchronous_commit: "off" },
}

// Not settings, though a configuration file may hold them: they make the server read whatever file they name, and say what is in it.
const DIRECTIVES: readonly string[] = ["include", "include_if_exists", "include_dir"]

// As PostgreSQL reads names: ASCII letters, with a prefix where an extension owns them.
const SETTING_NAME = /^[a-z_][a-z0-9_$]*(\.[a-z_][a-z0-9_$]*)*$/i

/** Where the VDB is and how it is reached: ours alone, and the same for its life. */
function place({ mount, privateDirectory, port, listenAddresses, name }: Configuration): Record<string, string> {
  return {
    data_directory: `${mount}/data`, hba_file: `${mount}/veneer/pg_hba.conf`, ident_file: `${mount}/veneer/pg_ident.conf`, external_pid_file: `${privateDirectory}/postmaster.pid`,
    port: String(port), listen_addresses: listenAddresses, unix_socket_directories: privateDirectory, unix_socket_group: "",
    cluster_name: name.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 63),
    logging_collector: "off", log_destination: "stderr", event_source: "PostgreSQL", bonjour: "off",
    recovery_target: "", recovery_target_lsn: "", recovery_target_name: "", recovery_target_time: "", recovery_target_xid: "",
  }
}

/** What a copy has of its own, not of the source's: memory for a small server, little WAL on copy-on-write storage, no certificates. */
function defaults({ major, walSegmentBytes, durability }: Configuration): Record<string, string> {
  const segment = walSegmentBytes / 1048576
  return {
    shared_buffers: "128MB", huge_pages: "off", maintenance_work_mem: "64MB", wal_buffers: "-1",
    max_wal_size: `${String(Math.max(256, 8 * segment))}MB`, min_wal_size: `${String(Math.max(64, 2 * segment))}MB`, wal_recycle: "on",
    ssl: "off", lc_messages: "C", password_encryption: "scram-sha-256",
    ...(major < 15 && { stats_temp_directory: "pg_stat_tmp" }),
    ...DURABILITY[durability ?? "durable"],
  }
}

/** The VDB's postgresql.conf: the source's first, where there is one, so that every line of ours wins over it. */
export function configurationText(configuration: Configuration): string {
  const lines = Object.entries({ ...defaults(configuration), ...given(configuration), ...configuration.quarantine, ...place(configuration) })
  return [
    "# Written by Veneer at each configure. The source's own files stay as they are; what stands here wins over them.",
    "include_if_exists = '../data/postgresql.conf'",
    "include_if_exists = 'source.conf'",
    ...lines.map(([name, value]) => `${name} = ${confValue(value)}`),
    "",
  ].join("\n")
}

/**
 * The settings to take out of postgresql.auto.conf, which the server reads last.
 * @param keep leaves those that people may have set on the VDB itself by ALTER SYSTEM
 */
export function settingsToCut(configuration: Configuration, { keep }: { keep: boolean }): string {
  const names = { ...place(configuration), ...configuration.quarantine, ...(!keep && { ...defaults(configuration), ...given(configuration) }) }
  return [...new Set(Object.keys(names).map(name => name.toLowerCase()))].join(" ")
}

/** The person's settings, refused where they would undo what has a parameter of its own. */
function given(configuration: Configuration): Record<string, string> {
  const owned = place(configuration)
  return Object.fromEntries(Object.entries(configuration.settings ?? {}).map(([name, value]) => {
    const lower = name.toLowerCase()
    if (!SETTING_NAME.test(name) || DIRECTIVES.includes(lower)) {
      throw new UserError(`${JSON.stringify(name)} can't be the name of a setting.`, { code: "unknown_guc", action: "Correct the name, or leave it out." })
    }
    if (lower in owned) {
      throw new UserError(`The setting ${lower} belongs to Veneer.`, { code: "setting_owned", action: "Leave it out of settings; the port and the listen addresses have parameters of their own." })
    }
    if (lower in configuration.quarantine) {
      throw new UserError(`The setting ${lower} is cut by the quarantine.`, { code: "setting_quarantined", action: "Switch that part of quarantine off first, if the VDB may reach out." })
    }
    return [lower, typeof value === "boolean" ? (value ? "on" : "off") : String(value)]
  }))
}

/** Lines of our own in pg_hba.conf: whoever knows a password. The first line, for us, is the script's. */
export const HBA_LINES = "host all all all scram-sha-256\nhost replication all all scram-sha-256\n"
