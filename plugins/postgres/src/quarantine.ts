import type { VirtualSource } from "./schemas.ts"

/** A part of the quarantine: the settings that cut it, and how the report names it. */
interface Cut {
  report: string
  settings: Record<string, string>
}

type Switch = keyof NonNullable<VirtualSource["quarantine"]>

// Libraries whose background workers act without anybody connecting. Their SQL functions stay in the database, unused.
const ACTING_LIBRARIES: readonly string[] = ["pg_cron", "pg_partman_bgw", "pglogical", "pg_squeeze", "repmgr", "bdr", "spock"]

const CUTS: readonly { by: Switch; cut: (major: number) => Cut }[] = [
  {
    by: "archiving",
    cut: major => ({ report: "WAL archiving is off.", settings: { archive_mode: "off", archive_command: "", ...(major >= 15 && { archive_library: "" }) } }),
  },
  {
    by: "subscriptions",
    cut: () => ({ report: "Subscriptions are disabled, without slot and without workers.", settings: { max_logical_replication_workers: "0" } }),
  },
  {
    by: "primaryConninfo",
    cut: () => ({
      report: "primary_conninfo, primary_slot_name and restore_command are empty.",
      settings: { primary_conninfo: "", primary_slot_name: "", restore_command: "", archive_cleanup_command: "", recovery_end_command: "" },
    }),
  },
  {
    by: "synchronousStandbys",
    cut: () => ({ report: "synchronous_standby_names is empty.", settings: { synchronous_standby_names: "" } }),
  },
]

/** The entries of a list setting such as `shared_preload_libraries`, without their quotes. */
export function listEntries(value: string): string[] {
  return [...value.matchAll(/"((?:[^"]|"")*)"|[^\s,]+/g)].map(([entry, quoted]) => quoted?.replaceAll('""', '"') ?? entry)
}

function preloadCut(libraries: string): Cut | undefined {
  const all = listEntries(libraries)
  const held = all.filter(library => ACTING_LIBRARIES.includes(library.replace(/^.*\//, "")))
  if (held.length === 0) return undefined
  const kept = all.filter(library => !held.includes(library)).map(library => `"${library.replaceAll('"', '""')}"`)
  return { report: `Not loaded, since they act by themselves: ${held.join(", ")}.`, settings: { shared_preload_libraries: kept.join(", ") } }
}

/** What keeps a VDB from reaching production: settings, and the report. Everything is cut that nobody asked to keep. */
export function quarantine(switches: VirtualSource["quarantine"], major: number, preloadLibraries = ""): { settings: Record<string, string>; report: string[] } {
  const cuts = CUTS.filter(({ by }) => switches?.[by] !== false).map(({ cut }) => cut(major))
  const preload = switches?.backgroundWorkers === false ? undefined : preloadCut(preloadLibraries)
  if (preload) cuts.push(preload)
  return {
    settings: Object.fromEntries(cuts.flatMap(({ settings }) => Object.entries(settings))),
    report: [...cuts.map(({ report }) => report), "Replication slots are dropped."],
  }
}
