import { describe, expect, it } from "vitest"
import { listEntries, quarantine } from "./quarantine.ts"

describe("the quarantine", () => {
  it("cuts everything unless told", () => {
    const { settings, report } = quarantine(undefined, 15)
    expect(settings).toMatchObject({ archive_mode: "off", archive_command: "", archive_library: "", primary_conninfo: "", restore_command: "", synchronous_standby_names: "", max_logical_replication_workers: "0" })
    expect(report).toHaveLength(5)
    expect(quarantine({}, 13).settings).not.toHaveProperty("archive_library")
  })

  it("spares what it is told to spare, and reports no more than it cut", () => {
    const { settings, report } = quarantine({ archiving: false, synchronousStandbys: false }, 15)
    expect(Object.keys(settings)).not.toContain("archive_mode")
    expect(report.join()).not.toContain("archiving")
  })

  it("does not load libraries that act by themselves, and loads the others", () => {
    const libraries = 'pg_stat_statements, "pg_cron",$libdir/pglogical , "o,dd""name"'
    expect(quarantine({}, 15, libraries)).toMatchObject({ settings: { shared_preload_libraries: '"pg_stat_statements", "o,dd""name"' }, report: expect.arrayContaining(["Not loaded, since they act by themselves: pg_cron, $libdir/pglogical."]) })
    expect(quarantine({ backgroundWorkers: false }, 15, libraries).settings).not.toHaveProperty("shared_preload_libraries")
    expect(quarantine({}, 15, "pg_stat_statements").settings).not.toHaveProperty("shared_preload_libraries")
  })

  it("reads a list setting as PostgreSQL writes it", () => {
    expect(listEntries('a, "b c" ,"d""e"')).toEqual(["a", "b c", 'd"e'])
    expect(listEntries("")).toEqual([])
  })
})
