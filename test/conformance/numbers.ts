/** A dotted number, and its canonical form; none, if it is refused. */
export const canonicalForms: [written: string, canonical: string | undefined][] = [
  ["1.2", "1.2"], ["01.02.0", "1.2"], ["1.2.0.0", "1.2"], ["0.1", "0.1"], ["1.0.1", "1.0.1"], ["2024.11.03", "2024.11.3"], ["99999999999999999999", "99999999999999999999"],
  ["0", undefined], ["0.0.0", undefined], ["", undefined], ["1.", undefined], [".1", undefined], ["1..1", undefined], ["-1", undefined], ["1e1", undefined], ["1.x", undefined], ["1 ", undefined],
]

/** Two dotted numbers, and which is the lower: the first, the second, or neither. */
export const orders: [first: string, second: string, order: "<" | "=" | ">"][] = [
  ["2", "10", "<"], ["1.9", "1.10", "<"], ["1", "1.0.1", "<"], ["1.2", "01.02.0", "="], ["1", "1.0.0", "="], ["2", "1.99", ">"], ["9007199254740993", "9007199254740992", ">"],
]

type Migrations = readonly [id: string, kind: "snapshot" | "repository"][]

/** A build and its migrations, the one that is to follow, and where that conflicts: nowhere, if it is taken. */
export const successions: [what: string, installed: [string, Migrations], offered: [string, Migrations], places: string[]][] = [
  ["a higher build", ["1.9", []], ["1.10", []], []],
  ["the same build", ["1.2", []], ["1.2", []], ["/buildNumber"]],
  ["the same build in another form", ["1.2", []], ["01.02.0", []], ["/buildNumber"]],
  ["a lower build", ["10", []], ["9", []], ["/buildNumber"]],
  ["a build with one more migration", ["1", [["1", "snapshot"]]], ["2", [["01.0", "snapshot"], ["2", "snapshot"]]], []],
  ["a build that lost a migration", ["1", [["1", "snapshot"], ["2", "snapshot"]]], ["2", [["2", "snapshot"]]], ["/migrations"]],
  ["a build whose migration changed its kind", ["1", [["1", "snapshot"]]], ["2", [["1", "repository"]]], ["/migrations"]],
  ["a lower build that lost a migration", ["2", [["1", "snapshot"]]], ["1", []], ["/buildNumber", "/migrations"]],
]
