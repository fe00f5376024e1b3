import { Secret } from "../secret.ts"
import * as fc from "fast-check"
import { execFileSync } from "node:child_process"
import { expect, test } from "vitest"
import { environmentVariables, scriptVariables } from "./variables.ts"

const text = fc.string({ unit: "binary" }).map((value) => value.replaceAll("\0", "").toWellFormed())

test("a script finds its variables as they were given; programs it starts find all but the secrets", () => {
  const kinds = { A: "string", B: "secret", N: "integer", YES: "boolean", LEFT_OUT: "string?" }
  fc.assert(
    fc.property(text, text, fc.maxSafeInteger(), (a, b, n) => {
      const input = scriptVariables("x.sh", kinds, { A: a, B: new Secret(b), N: n, YES: true })
      const script = `eval "$(cat)"; printf '%s\\0' "$A" "$B" "$N" "$YES" "\${LEFT_OUT-unset}" "$(printenv B || echo hidden)"; env -0 | grep -zc '^[AN]='`
      const output = execFileSync("bash", ["--norc", "-c", script], { input, env: { PATH: process.env["PATH"], LANG: "C.UTF-8" }, encoding: "utf8" })
      expect(output.split("\0")).toEqual([a, b, String(n), "true", "unset", "hidden", "2\n"])
    }),
    { numRuns: 40 },
  )
})

test("values that differ from the declaration are refused, naming script and variable", () => {
  const wrong: [Record<string, string>, Record<string, unknown>, string][] = [
    [{ A: "string" }, {}, "no value for A"],
    [{ A: "string" }, { A: 1 }, "a value for A that is no string"],
    [{ A: "integer" }, { A: 1.5 }, "a value for A that is no integer"],
    [{ A: "secret" }, { A: "text" }, "a value for A that is no secret"],
    [{ A: "string" }, { A: new Secret("x") }, "a value for A that is no string"],
    [{}, { A: "x" }, "the variable A, which the script does not declare"],
  ]
  for (const [kinds, values, message] of wrong) expect(() => scriptVariables("x.sh", kinds, values)).toThrow(`x.sh with ${message}`)
})

test("names that are the shell's or the engine's can't be set, nor what is no name", () => {
  for (const name of ["PATH", "IFS", "BASH_ENV", "LD_PRELOAD", "VENEER_ENGINE", "lower", "A-B", "1A", "A=1; id", ""]) {
    expect(() => environmentVariables({ [name]: "x" })).toThrow(expect.objectContaining({ code: "plugin_failed" }))
  }
})
