import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { confValue } from "./quote.ts"
import { configurationText, settingsToCut, type Configuration } from "./settings.ts"

const configuration = (over: Partial<Configuration> = {}): Configuration => ({
  mount: "/mnt/it's \\ a\nmount", privateDirectory: "/tmp/veneer-1", port: 6000, listenAddresses: "127.0.0.1", name: "dév", major: 15,
  walSegmentBytes: 16_777_216, durability: undefined, quarantine: { archive_mode: "off" }, settings: undefined, ...over,
})
const linesOf = (text: string) => text.split("\n").filter(line => line !== "" && !line.startsWith("#"))
const nameOf = (line: string) => line.split(" ")[0] ?? ""

describe("a VDB's postgresql.conf", () => {
  it("reads the source's first, so that ours wins", () => {
    expect(linesOf(configurationText(configuration())).slice(0, 2)).toEqual(["include_if_exists = '../data/postgresql.conf'", "include_if_exists = 'source.conf'"])
  })

  it("has one line a setting, whatever values and paths are given", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (value, path) => {
      const lines = linesOf(configurationText(configuration({ mount: path, settings: { "my.own": value } }))).slice(2)
      expect(new Set(lines.map(nameOf)).size).toBe(lines.length)
      expect(lines).toContain(`my.own = ${confValue(value)}`)
      expect(lines).toContain(`data_directory = ${confValue(`${path}/data`)}`)
    }))
  })

  it("lets the person override defaults, in any case of letters, but not what is Veneer's or cut", () => {
    const text = configurationText(configuration({ settings: { Shared_Buffers: "1GB", jit: false } }))
    expect(text).toContain("shared_buffers = '1GB'")
    expect(text).toContain("jit = 'off'")
    expect(() => configurationText(configuration({ settings: { PORT: 1 } }))).toThrow(expect.objectContaining({ code: "setting_owned" }))
    expect(() => configurationText(configuration({ settings: { archive_mode: true } }))).toThrow(expect.objectContaining({ code: "setting_quarantined" }))
    expect(() => configurationText(configuration({ settings: { "a = b\nc": true } }))).toThrow(expect.objectContaining({ code: "unknown_guc" }))
  })

  it("names its durability, and keeps WAL small in whole segments", () => {
    expect(configurationText(configuration())).toContain("fsync = 'on'")
    expect(configurationText(configuration({ durability: "relaxed" }))).toMatch(/fsync = 'on'[^]*synchronous_commit = 'off'/)
    expect(configurationText(configuration({ durability: "disposable" }))).toContain("fsync = 'off'")
    expect(configurationText(configuration({ walSegmentBytes: 1_073_741_824 }))).toContain("min_wal_size = '2048MB'")
  })

  it("takes from postgresql.auto.conf what it sets, and on a VDB of its own only what is Veneer's or cut", () => {
    const fresh = settingsToCut(configuration({ settings: { Work_Mem: "1MB" } }), { keep: false }).split(" ")
    const kept = settingsToCut(configuration({ settings: { work_mem: "1MB" } }), { keep: true }).split(" ")
    expect(fresh).toEqual(expect.arrayContaining(["port", "archive_mode", "shared_buffers", "work_mem"]))
    expect(kept).toEqual(expect.arrayContaining(["port", "archive_mode"]))
    expect(kept).not.toContain("work_mem")
    expect(kept).not.toContain("shared_buffers")
  })

  it("names settings only where the major version has them", () => {
    expect(configurationText(configuration({ major: 14 }))).toContain("stats_temp_directory")
    expect(configurationText(configuration({ major: 18 }))).not.toContain("stats_temp_directory")
  })
})
