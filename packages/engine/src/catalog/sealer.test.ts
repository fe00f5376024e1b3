import { randomBytes } from "node:crypto"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Secret } from "@veneer/sdk"
import { createSealer } from "./sealer.ts"

const sealer = createSealer(randomBytes(32))

describe("a sealed secret", () => {
  it("comes back as it was, wherever it stands in a value", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), fc.string(), (text, place) => {
      const opened = sealer.open(sealer.seal({ list: [1, { secret: new Secret(text) }], plain: "plain" }, place), place)
      expect(opened).toMatchObject({ list: [1, { secret: expect.any(Secret) }], plain: "plain" })
      expect(JSON.stringify(opened)).toContain("[secret]")
      const found = (opened as { list: [number, { secret: Secret }] }).list[1].secret.reveal()
      expect(found).toBe(text)
    }))
  })

  it("shows nothing of its text, and differs each time", () => {
    const [one, two] = [1, 2].map(() => JSON.stringify(sealer.seal(new Secret("hunter2hunter2"), "vdb/1")))
    expect(one).not.toContain("hunter2")
    expect(one).not.toBe(two)
  })

  it("opens nowhere else and under no other key", () => {
    const sealed = sealer.seal(new Secret("x"), "vdb/1")
    expect(() => sealer.open(sealed, "vdb/2")).toThrow("unable to authenticate")
    expect(() => createSealer(randomBytes(32)).open(sealed, "vdb/1")).toThrow("unable to authenticate")
  })
})
