import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { catalogue } from "./errors.ts"

const PAGE = new URL("../../docs/errors.md", import.meta.url)

it("has every code, with its status and action, on the docs' page of errors, and no other", () => {
  const rows = readFileSync(PAGE, "utf8").matchAll(/^\| `(\w+)` \| (\d+) \| .+ \| (.+) \|$/gm)
  const documented = Object.fromEntries([...rows].map(([, code, status, action]) => [code, { status: Number(status), action }]))
  const known = Object.fromEntries(Object.entries(catalogue).map(([code, { status, action }]) => [code, { status, action }]))
  expect(documented).toEqual(known)
})
