import { Secret } from "../secret.ts"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { quote } from "./quote.ts"
import { createRedactor } from "./redact.ts"

test("a secret is taken out however it is written: plain, as JSON, in a URL, quoted for a shell", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 3 }).filter((text) => text.trim().length > 2 && !"[secret]".includes(text)), (text) => {
      const redactor = createRedactor()
      redactor.add({ deep: [new Secret(text)] })
      const safe = redactor.text(`a ${text} b ${JSON.stringify({ text })} c`)
      expect(safe.split(" ").length).toBeGreaterThan(0)
      expect(safe).not.toContain(text)
    }),
  )
  const redactor = createRedactor()
  redactor.add(new Secret("p@ss w'rd\n"))
  for (const form of ["p@ss w'rd\n", JSON.stringify("p@ss w'rd\n"), encodeURIComponent("p@ss w'rd\n"), quote("p@ss w'rd\n")]) expect(redactor.text(`<${form}>`)).toMatch(/^<"?\[secret\]"?>$/)
})

test("the longer of two secrets goes first, and a key is found line by line", () => {
  const redactor = createRedactor()
  redactor.add([new Secret("hunter2"), new Secret("hunter2-and-more"), new Secret("-----BEGIN KEY-----\nMIIEvQIBADAN\n-----END KEY-----\n")])
  expect(redactor.text("hunter2-and-more hunter2")).toBe("[secret] [secret]")
  expect(redactor.text("line MIIEvQIBADAN")).toBe("line [secret]")
})

test("without secrets a text stays as it is, and an empty secret hides nothing", () => {
  const redactor = createRedactor()
  redactor.add(new Secret(""))
  expect(redactor.text("text")).toBe("text")
})
