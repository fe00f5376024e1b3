import * as fc from "fast-check"
import { execFileSync } from "node:child_process"
import { expect, test } from "vitest"
import { quote } from "./quote.ts"

/** What bash makes of the words. One process for all of them. */
function understood(texts: readonly string[]): string[] {
  const script = `printf '%s\\0' ${texts.map(quote).join(" ")}`
  const output = execFileSync("bash", ["-s"], { input: script, env: { LANG: "C.UTF-8", PATH: process.env["PATH"] } })
  return output.toString("utf8").split("\0").slice(0, -1)
}

const character = fc.oneof(fc.string({ unit: "binary", minLength: 1, maxLength: 1 }), fc.constantFrom(...Array.from("'\"$`\\\n\r\t !-;&|<>(){}[]*?~#=%019aé\u0080\u009fß漢😀\u0001\u007f\u001b")))
const hostile = fc.array(character, { maxLength: 40 }).map((characters) => characters.join("").replaceAll("\0", "").toWellFormed())

test("bash understands every quoted text as the text itself, on one line", () => {
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 1, maxLength: 200 }), (texts) => {
      expect(understood(texts)).toEqual(texts)
      for (const text of texts) expect(quote(text)).not.toMatch(/[\n\r]/)
    }),
    { numRuns: 60 },
  )
})

test("names people think of are ordinary names", () => {
  const names = ["", "-rf", "--", "a b", "$HOME", "`id`", "$(id)", "it's", "'", "\"", "\\", "\n", "a\n", "~", "*", "x\u00017", "Ünïcødé 漢字 😀", "!!"]
  expect(understood(names)).toEqual(names)
})

test("a NUL character is refused", () => {
  expect(() => quote("a\0b")).toThrow(TypeError)
})
