import { array, assert, property, string } from "fast-check"
import { describe as suite, expect, it } from "vitest"
import { clean, cleanJson, cleanLine } from "./clean.ts"
import { describe } from "./describe.ts"
import { ago, bytes, duration, parseBytes } from "./format.ts"
import { table } from "./table.ts"
import { fit, widthOf } from "./width.ts"

const HOSTILE = "a\u001b[31mred\u001b[0m\u001b]0;title\u0007\r\u009b2J\u202eb\u0000"

suite("text from elsewhere", () => {
  it("holds nothing that a terminal obeys once it is cleaned", () => {
    assert(property(string({ unit: "binary" }), (text) => {
      expect(clean(text)).not.toMatch(/[\p{Cc}--[\n\t]]|[\u202a-\u202e\u2066-\u2069]/v)
      expect(cleanLine(text)).not.toMatch(/\p{Cc}/u)
      expect(JSON.parse(cleanJson(text))).toEqual(text)
      expect(cleanJson(text)).not.toMatch(/[\p{Cc}--\n]/v)
    }))
    expect(clean(HOSTILE)).not.toContain("[31m")
  })
})

suite("a table", () => {
  const columns = [{ head: "NAME", cell: ({ name }: { name: string }) => name }, { head: "NOTE", cell: () => "some words that are quite long" }, { head: "ID", cell: () => "0123456789ab", whole: true }]

  it("fits its width whatever is in it, and never cuts ids", () => {
    assert(property(array(string({ unit: "grapheme", maxLength: 90 })), (names) => {
      const lines = table(names.map((name) => ({ name })), columns, 80, (text) => text).split("\n")
      expect(lines).toHaveLength(names.length + 1)
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(80)
      for (const line of lines.slice(1)) expect(line).toMatch(/ {2}0123456789ab$/)
    }))
  })

  it("cuts with an ellipsis, by cells rather than characters", () => {
    expect(fit("abcdef", 4)).toBe("abc…")
    expect(fit("数据库引擎", 6)).toBe("数据…")
    expect(widthOf("数据")).toBe(4)
  })
})

suite("numbers for people", () => {
  it("read as people write them", () => {
    expect([0, 1023, 1024, 1_503_238_553, 252 * 1024 ** 3].map(bytes)).toEqual(["0 B", "1023 B", "1.0 KiB", "1.4 GiB", "252 GiB"])
    expect([200, 9_949, 12_000, 185_000, 7_500_000].map(duration)).toEqual(["0.2 s", "9.9 s", "12 s", "3 min 5 s", "2 h 5 min"])
    const now = Date.parse("2026-01-01T00:10:00Z")
    expect(["2026-01-01T00:10:00Z", "2026-01-01T00:07:00Z", "2025-12-30T00:00:00Z"].map((time) => ago(time, now))).toEqual(["now", "3 min ago", "2 d ago"])
    expect(["10GiB", "1.5K", "7", "500 M", "x", "-1"].map(parseBytes)).toEqual([10 * 1024 ** 3, 1536, 7, 500 * 1024 ** 2, undefined, undefined])
  })
})

it("an object is described with what is in it indented", () => {
  expect(describe({ name: "x", sizeBytes: 2048, environment: { id: "1", name: "local" }, parameters: { port: 1, password: "[secret]" }, hooks: {}, none: undefined })).toBe(
    ["name         x", "size bytes   2.0 KiB", "environment  local (1)", "parameters", "  port      1", "  password  [secret]"].join("\n"),
  )
})
