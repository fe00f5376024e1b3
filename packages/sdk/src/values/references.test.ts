import { expect, test } from "vitest"
import { referencesIn, withIds } from "./references.ts"

const reference = (referenceType: string, matches?: object) => ({ type: "string", format: "reference", referenceType, ...(matches && { matches }) })

const schema = {
  type: "object",
  properties: {
    host: reference("environment", { hostType: "unix" }), user: { $ref: "#/$defs/user" }, note: { type: "string" },
    how: { oneOf: [{ type: "object", properties: { type: { const: "here" }, at: { type: "string" } } }, { type: "object", properties: { type: { const: "there" }, at: reference("environment") } }] },
  },
  $defs: { user: reference("environmentUser", { environment: { property: "host" }, hostType: "unix" }) },
}

test("references are found with what they must match, the value of another property too", () => {
  expect(referencesIn(schema, { host: "h", user: "u", note: "n", how: { type: "there", at: "a" } })).toEqual([
    { pointer: "/host", referenceType: "environment", text: "h", matches: { hostType: "unix" } },
    { pointer: "/user", referenceType: "environmentUser", text: "u", matches: { environment: "h", hostType: "unix" } },
    { pointer: "/how/at", referenceType: "environment", text: "a", matches: {} },
  ])
  expect(referencesIn(schema, { user: "u", how: { type: "here", at: "a" } })).toEqual([{ pointer: "/user", referenceType: "environmentUser", text: "u", matches: { hostType: "unix" } }])
})

test("ids stand in their places, and nothing else changes", () => {
  const value = { host: "h", note: "h", how: { type: "there", at: "h" } }
  expect(withIds(schema, value, new Map([["/host", "1"], ["/how/at", "2"]]))).toEqual({ host: "1", note: "h", how: { type: "there", at: "2" } })
})
