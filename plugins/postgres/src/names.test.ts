import { describe, expect, it } from "vitest"
import { privateDirectory, slotName, sourceOfSlot } from "./dataset.ts"
import { sessionOptions } from "./role.ts"
import { reachableHost } from "./virtual.ts"

describe("derived names", () => {
  it("fit where PostgreSQL and sockets set limits", () => {
    expect(slotName({ engine: "e1", source: { id: "8nr5639cdvk2" } })).toBe("veneer_e1_8nr5639cdvk2")
    expect(slotName({ engine: "E", source: { id: "A-b" } })).toBe("veneer_e_a_b")
    expect(slotName({ engine: "e", source: { id: "x".repeat(100) } })).toHaveLength(63)
    expect(`${privateDirectory("8nr5639cdvk2")}/.s.PGSQL.65535.lock`.length).toBeLessThan(100)
  })

  it("lead back from a slot to its dSource, and only from ours", () => {
    const engine = "6xkq0v9r3m2a"
    expect(sourceOfSlot(slotName({ engine, source: { id: "8nr5639cdvk2" } }), engine)).toBe("8nr5639cdvk2")
    expect(sourceOfSlot(slotName({ engine: "another", source: { id: "8nr5639cdvk2" } }), engine)).toBeUndefined()
    expect(sourceOfSlot("standby_1", engine)).toBeUndefined()
  })
})

describe("the address given to clients", () => {
  it("is the host's own where the server listens there", () => {
    expect(reachableHost("127.0.0.1, 10.0.0.5", "10.0.0.5")).toBe("10.0.0.5")
    expect(reachableHost("*", "db.example")).toBe("db.example")
  })

  it("is the first it listens on otherwise", () => {
    expect(reachableHost(" localhost ,::1", "10.0.0.5")).toBe("localhost")
    expect(reachableHost("", "10.0.0.5")).toBe("10.0.0.5")
  })
})

describe("options of our own session", () => {
  it("name event triggers only where the server knows the setting", () => {
    expect(sessionOptions(16)).not.toContain("event_triggers")
    expect(sessionOptions(17)).toContain("-c event_triggers=off")
  })
})
