import { Secret } from "../secret.ts"
import { revealed } from "../values/index.ts"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { decode, encode } from "./wire.ts"

const value = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 4 }, fc.string(), fc.boolean(), fc.constant(null), fc.double({ noNaN: true, noDefaultInfinity: true }), tie("secret"), tie("list"), tie("record")),
  secret: fc.string().map((text) => new Secret(text)),
  list: fc.array(tie("any"), { maxLength: 4 }),
  record: fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("$secret", "$plain", "__proto__", "toJSON")), tie("any"), { maxKeys: 4 }),
})).any

const secretsIn = (found: unknown): string[] =>
  found instanceof Secret ? [found.reveal()] : typeof found === "object" && found !== null ? Object.values(found).flatMap(secretsIn) : []

test("every value crosses the channel unchanged, secrets as secrets", () => {
  fc.assert(
    fc.property(value, (sent) => {
      const got = decode(JSON.parse(JSON.stringify(encode(sent))))
      expect(secretsIn(got)).toEqual(secretsIn(sent))
      expect(JSON.stringify(revealed(got))).toBe(JSON.stringify(revealed(sent)))
    }),
  )
})

test("what is no JSON is refused, and what contains itself", () => {
  const round: { self?: unknown } = {}
  round.self = round
  for (const wrong of [() => {}, Number.NaN, 1n, Symbol("x"), round, { deep: [Infinity] }]) expect(() => encode(wrong)).toThrow(TypeError)
})
