import { expect, test } from "vitest"
import type { MigrationFacts } from "./migrate.ts"
import { pendingMigrations, upgradeFaults } from "./upgrade.ts"

const facts = (...ids: string[]): MigrationFacts[] => ids.map((id) => ({ id, kind: "snapshot" }))
const build = (buildNumber: string, ...ids: string[]) => ({ buildNumber, migrations: facts(...ids) })

test.each([
  ["1", "2", []], ["1.9", "1.10", []], ["1", "1.0.1", []], ["9", "10", []], ["1.2", "2024.1", []],
  ["1", "1", ["/buildNumber"]], ["1.2", "01.02.0", ["/buildNumber"]], ["2", "1", ["/buildNumber"]], ["1.10", "1.9", ["/buildNumber"]], ["1.0.1", "1", ["/buildNumber"]],
])("build %s is followed by build %s: %j", (installed, offered, places) => {
  expect(upgradeFaults(build(installed), build(offered)).map(({ place }) => place)).toEqual(places)
})

test("the same number and a lower one are told apart", () => {
  const message = (installed: string, offered: string) => upgradeFaults(build(installed), build(offered))[0]?.message
  expect(message("1.2", "1.2.0")).toBe("Another artifact is installed with the build number 1.2.")
  expect(message("10", "9")).toBe("The build number is 9, and build 10 is installed.")
})

test("every migration that is missing is named, and one that changed its kind", () => {
  expect(upgradeFaults(build("1", "1", "2", "3.0"), build("2", "03", "4"))).toMatchObject([
    { place: "/migrations", message: "The migration 1 of snapshot is missing; the installed build has it." },
    { place: "/migrations", message: "The migration 2 of snapshot is missing; the installed build has it." },
  ])
  expect(upgradeFaults(build("1", "1"), { buildNumber: "2", migrations: [{ id: "1", kind: "virtualSource" }] })).toMatchObject([
    { message: "The migration 1 is of virtualSource; in the installed build it is of snapshot." },
  ])
})

test("what runs is what the installed build did not have, in numeric order, a late one with a low id too", () => {
  expect(pendingMigrations(build("1", "2", "5"), build("2", "10", "5.0", "9", "3", "2")).map(({ id }) => id)).toEqual(["3", "9", "10"])
  expect(pendingMigrations(build("1", "1"), build("2", "1"))).toEqual([])
})
