import { describe, expect, it } from "vitest"
import { compared, isMet, limited, median, round, toJson, toTable, type Report } from "./report.ts"

const provision = compared({ name: "provision", unit: "ms", goal: 1.3 }, { ours: [310, 280, 900], floor: [255, 250, 260] })
const start = limited({ name: "engine-start", unit: "ms", goal: 1000 }, [1200, 1100])
const report: Report = { machine: { cpus: 2 }, figures: [start, provision], skipped: [{ name: "ssh-command", why: "no SSH environments yet" }], details: { provision: { commits: 12 } } }

describe("the benchmark's report", () => {
  it("takes medians, of an even number of values the mean of the two in the middle", () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2.5)
    expect(() => median([])).toThrow("median of nothing")
  })

  it("holds the median against the floor's", () => {
    expect(provision).toEqual({ name: "provision", ours: 310, floor: 255, unit: "ms", ratio: 1.22, goal: 1.3, runs: 3 })
    expect(isMet(provision)).toBe(true)
  })

  it("leaves floor and ratio out where a figure has a limit of its own", () => {
    expect(start).toEqual({ name: "engine-start", ours: 1150, unit: "ms", goal: 1000, runs: 2 })
    expect(isMet(start)).toBe(false)
  })

  it("rounds to what a benchmark can know", () => {
    expect([round(1.21568), round(0.0312345), round(12345.6), round(99.96)]).toEqual([1.22, 0.0312, 12346, 100])
  })

  it("writes the JSON of limits.md, in its order", () => {
    expect(JSON.parse(toJson(report))).toEqual({ ...report, figures: [provision, start] })
  })

  it("writes a table that tells what was missed and what was skipped", () => {
    expect(toTable(report)).toBe([
      "figure         ours  floor  unit  ratio        goal  runs",
      "provision       310    255  ms     1.22       ≤ 1.3     3",
      "engine-start  1,150      –  ms        –  ≤ 1,000 ms     2  missed",
      "ssh-command: skipped, no SSH environments yet",
      "",
    ].join("\n"))
  })
})
