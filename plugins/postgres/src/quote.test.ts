import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { confValue, conninfo, sqlIdentifier, sqlLiteral } from "./quote.ts"

const text = fc.string({ unit: "binary" }).filter(value => !value.includes("\0"))

/** As PostgreSQL's documentation has it: in a value of postgresql.conf a doubled quote is a quote, a backslash escapes. */
function readConf(value: string): string {
  const inner = /^'((?:[^'\\\n]|\\[^\n]|'')*)'$/su.exec(value)?.[1] ?? `no value: ${value}`
  return inner.replaceAll(/''|\\(.)/gsu, (_all, escaped: string | undefined) => (escaped === undefined ? "'" : ({ n: "\n", r: "\r" } as Record<string, string>)[escaped] ?? escaped))
}

/** As libpq reads a connection string. */
function readConninfo(value: string): Record<string, string> {
  const found = value.matchAll(/\s*(\w+)=(?:'((?:[^'\\]|\\.)*)')/gsu)
  return Object.fromEntries([...found].map(([, keyword = "", quoted = ""]) => [keyword, quoted.replaceAll(/\\(.)/gsu, "$1")]))
}

describe("quoting", () => {
  it("keeps any text in postgresql.conf, on one line", () => {
    fc.assert(fc.property(text, value => {
      expect(confValue(value)).not.toMatch(/[\n\r]/)
      expect(readConf(confValue(value))).toBe(value)
    }))
  })

  it("keeps any text in a connection string and leaves out what is absent", () => {
    fc.assert(fc.property(text, text, (host, user) => {
      expect(readConninfo(conninfo({ host, user, port: 5432, sslmode: undefined }))).toEqual({ host, user, port: "5432" })
    }))
  })

  it("keeps any text in SQL", () => {
    fc.assert(fc.property(text, value => {
      expect(/^'((?:[^']|'')*)'$/su.exec(sqlLiteral(value))?.[1]?.replaceAll("''", "'")).toBe(value)
      expect(/^"((?:[^"]|"")*)"$/su.exec(sqlIdentifier(value))?.[1]?.replaceAll('""', '"')).toBe(value)
    }))
  })
})
