import { Secret, type Schemas } from "@veneer/sdk"

const key = new Secret("hunter2")
const copy = { method: { type: "copy", rate: 9 } }
const linked = (parameters: object) => ({ ...copy, ...parameters })

/** What a person gives, for which schema of the plugin `answering`, and what becomes of it, or where it is wrong. */
export const parameters: [what: string, schema: keyof Schemas, given: unknown, outcome: { accepted: object } | { pointers: string[] }][] = [
  ["nothing, filled with defaults", "linkedSource", {}, { accepted: copy }],
  ["a branch, with its own defaults", "linkedSource", { method: { type: "copy" } }, { accepted: copy }],
  ["another branch, without those of the first", "linkedSource", { method: { type: "backup", at: "/b", key: "hunter2" } }, { accepted: { method: { type: "backup", at: "/b", key } } }],
  ["a branch that is not there", "linkedSource", { method: { type: "magic" } }, { pointers: ["/method/type"] }],
  ["no branch", "linkedSource", { method: {} }, { pointers: ["/method/type"] }],
  ["a branch that lacks its fields", "linkedSource", { method: { type: "backup" } }, { pointers: ["/method/at", "/method/key"] }],
  ["a branch with a field too many", "linkedSource", { method: { type: "backup", at: "/b", key: "hunter2", rate: 1 } }, { pointers: ["/method/rate"] }],
  ["a relative path", "linkedSource", { method: { type: "backup", at: "b", key: "hunter2" } }, { pointers: ["/method/at"] }],
  ["a secret that is too short", "linkedSource", { method: { type: "backup", at: "/b", key: "x" } }, { pointers: ["/method/key"] }],
  ["credentials by password", "linkedSource", linked({ login: { type: "password", password: "hunter2" } }), { accepted: linked({ login: { type: "password", password: key } }) }],
  ["credentials by reference", "linkedSource", linked({ login: { type: "reference", reference: "vault:x" } }), { accepted: linked({ login: { type: "reference", reference: "vault:x" } }) }],
  ["credentials of an unknown kind", "linkedSource", linked({ login: { type: "token" } }), { pointers: ["/login/type"] }],
  ["a key pair without a key", "linkedSource", linked({ login: { type: "keyPair" } }), { pointers: ["/login/privateKey"] }],
  ["a reference by name", "linkedSource", linked({ host: "here" }), { accepted: linked({ host: "id-here" }) }],
  ["a reference by id", "linkedSource", linked({ host: "id-here" }), { accepted: linked({ host: "id-here" }) }],
  ["a reference to nothing", "linkedSource", linked({ host: "nowhere" }), { pointers: ["/host"] }],
  ["a reference that needs another", "linkedSource", linked({ user: "dba" }), { pointers: ["/user"] }],
  ["a reference with the other", "linkedSource", linked({ host: "here", user: "dba" }), { accepted: linked({ host: "id-here", user: "id-here/dba" }) }],
  ["a tuple", "linkedSource", linked({ pair: ["a", 1] }), { accepted: linked({ pair: ["a", 1] }) }],
  ["a tuple of wrong members", "linkedSource", linked({ pair: [1, "a"] }), { pointers: ["/pair/0", "/pair/1"] }],
  ["a tuple too long", "linkedSource", linked({ pair: ["a", 1, 2] }), { pointers: ["/pair"] }],
  ["what another field asks for", "linkedSource", linked({ a: "x" }), { pointers: ["/b"] }],
  ["what a condition asks for", "linkedSource", linked({ name: "strict" }), { pointers: ["/pair"] }],
  ["a condition that is met", "linkedSource", linked({ name: "strict", pair: [] }), { accepted: linked({ name: "strict", pair: [] }) }],
  ["a field nobody knows", "linkedSource", linked({ surplus: 1 }), { pointers: ["/surplus"] }],
  ["several faults at once", "linkedSource", { method: { type: "copy", rate: "x" }, name: "A", host: "nowhere" }, { pointers: ["/method/rate", "/name", "/host"] }],
  ["a tree within a tree", "virtualSource", { tree: { below: [{ below: [{}] }] } }, { accepted: { tree: { below: [{ below: [{}] }] } } }],
  ["a fault deep in a tree", "virtualSource", { tree: { below: [{ below: [{ x: 1 }] }] } }, { pointers: ["/tree/below/0/below/0/x"] }],
  ["a port out of range", "virtualSource", { port: 80 }, { pointers: ["/port"] }],
  ["a port as text", "virtualSource", { port: "6000" }, { pointers: ["/port"] }],
  ["null for parameters", "virtualSource", null, { pointers: [""] }],
  ["a list for parameters", "virtualSource", [], { pointers: [""] }],
  ["no snapshot parameters", "snapshotParameters", {}, { accepted: { resync: false } }],
  ["null for snapshot parameters", "snapshotParameters", null, { pointers: [""] }],
  ["null for resync", "snapshotParameters", { resync: null }, { pointers: ["/resync"] }],
  ["a text for resync", "snapshotParameters", { resync: "true" }, { pointers: ["/resync"] }],
  ["a snapshot parameter nobody knows", "snapshotParameters", { force: true }, { pointers: ["/force"] }],
]
