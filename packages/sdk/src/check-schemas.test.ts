import { expect, test } from "vitest"
import { schemaFaults } from "./check-schemas.ts"
import { credentials, reference, secret, Type, union } from "./index.ts"

const named = Type.Object({ name: Type.String() }, { identityFields: ["name"], nameField: "name" })
const none = Type.Object({})
const sound = { repository: named, sourceConfig: named, linkedSource: none, virtualSource: none, snapshot: none, snapshotParameters: none }

/** Faults of a plugin that is sound but for one schema, with the way to the schema left out. */
function faultsOf(name: keyof typeof sound, schema: object) {
  return schemaFaults({ ...sound, [name]: schema }).map(({ place, message, mend }) => ({ place: place.replace(`/schemas/${name}`, ""), message, mend }))
}

const object = (properties: Record<string, object>, rest: object = {}) => ({ type: "object", properties, ...rest })
const text = { type: "string" }
const found = { identityFields: ["a"], nameField: "a", required: ["a"] }

const accepted: [what: string, name: keyof typeof sound, schema: object][] = [
  ["everything a form can ask", "linkedSource", Type.Object({
    method: union("type", { copy: Type.Object({}, { title: "Copy" }), backup: Type.Object({ directory: Type.String({ format: "unixpath" }) }) }, { default: { type: "copy" } }),
    login: Type.Optional(credentials({ title: "Login", kinds: ["password", "reference"] })),
    host: reference("environment", { matches: { hostType: "unix" } }),
    user: Type.Optional(reference("environmentUser", { matches: { environment: { property: "host" } } })),
    notes: Type.Optional(Type.String({ rows: 5, prettyName: "Notes", pattern: "^[a-z]*$", messages: { pattern: "must be small letters", required: "has to be there" } })),
    port: Type.Optional(Type.Integer({ hiddenWhen: { notes: ["none", null] } })),
    advanced: Type.Optional(Type.Object({ retries: Type.Integer({ default: 3 }) }, { collapsible: true })),
    password: Type.Optional(secret({ minLength: 8 })),
  }, { ordering: ["host", "user", "method"] })],
  ["all of the standard", "snapshot", object(
    { id: { $ref: "#/$defs/id" }, at: { $ref: "#moment" }, pair: { type: "array", prefixItems: [text, { type: "integer" }], items: false }, tree: { $ref: "node" }, n: { type: "integer", minimum: 0, exclusiveMaximum: 9 } },
    {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $defs: { id: text, moment: { $anchor: "moment", type: "string", format: "date-time" }, node: { $id: "node", type: "object", properties: { below: { type: "array", items: { $ref: "#" } } } } },
      patternProperties: { "^x-": true, "^n": { type: "integer" } }, dependentRequired: { id: ["at"] }, dependentSchemas: { pair: { required: ["id"] } },
      if: { properties: { n: { const: 1 } }, required: ["n"] }, then: { required: ["id"] }, else: true, unevaluatedProperties: false, minProperties: 0, not: { required: ["never"] },
    },
  )],
  ["alternatives that are no union of objects", "snapshot", object({ a: { anyOf: [text, { type: "null" }] }, b: { oneOf: [{ const: 1, title: "one" }, { const: 2 }] } }, { anyOf: [{ required: ["a"] }, { required: ["b"] }] })],
  ["a union with only one branch yet", "linkedSource", object({ how: { oneOf: [object({ type: { const: "a" } })] } })],
  ["an identity of numbers and choices, wherever they are declared", "repository", object({ a: { $ref: "#/$defs/a" }, n: { type: "integer" }, c: { enum: ["x", "y"] } }, { $defs: { a: text }, identityFields: ["a", "n", "c"], nameField: "a", required: ["a", "n", "c"] })],
  ["resync that is a boolean", "snapshotParameters", object({ resync: { type: "boolean" } })],
]

test.each(accepted)("%s is accepted", (_what, name, schema) => {
  expect(faultsOf(name, schema)).toEqual([])
})

const union2 = (...branches: object[]) => object({ how: { oneOf: branches } })

const refused: [what: string, name: keyof typeof sound, schema: object, place: string, message: string][] = [
  // the standard
  ["a keyword that is mistyped", "snapshot", object({ a: { type: "string", minLenght: 3 } }), "/properties/a/minLenght", `Did you mean "minLength"?`],
  ["a format that is mistyped", "snapshot", object({ a: { type: "string", format: "unix-path" } }), "/properties/a/format", `Did you mean "unixpath"?`],
  ["a type that is none", "snapshot", object({ a: { type: "text" } }), "/properties/a/type", "array, boolean"],
  ["a value of the wrong kind, deep inside", "snapshot", object({ a: { type: "array", items: { type: "string", maxLength: "9" } } }), "/properties/a/items/maxLength", "must be integer"],
  ["another version", "snapshot", { ...object({}), $schema: "http://json-schema.org/draft-07/schema#" }, "/$schema", "draft-07"],
  ["a reference that leads nowhere", "snapshot", object({ a: { $ref: "#/$defs/a" } }), "/properties/a/$ref", "refers to nothing"],
  ["a pattern that is none", "snapshot", object({ a: { type: "string", pattern: "(" } }), "/properties/a/pattern", "regex"],
  ["a keyword that can't apply", "snapshot", object({ a: { type: "integer", minLength: 3 } }), "/properties/a", "minLength"],
  ["a condition without an outcome", "snapshot", { ...object({}), if: { required: ["a"] } }, "", "if"],
  // identity and name
  ["no identity", "repository", object({ a: text }, { nameField: "a", required: ["a"] }), "/identityFields", "names no identityFields"],
  ["no name", "sourceConfig", object({ a: text }, { identityFields: ["a"], required: ["a"] }), "/nameField", "names no nameField"],
  ["an empty identity", "repository", object({ a: text }, { ...found, identityFields: [] }), "/identityFields", "fewer than 1"],
  ["an identity of what is not there", "repository", object({ a: text }, { ...found, identityFields: ["a", "b"] }), "/identityFields", `"b" is not a property`],
  ["an identity that may be absent", "repository", object({ a: text, b: text }, { ...found, identityFields: ["a", "b"] }), "/identityFields", `"b" is optional`],
  ["an identity that is an object", "repository", object({ a: text, b: object({}) }, { ...found, identityFields: ["b"], required: ["a", "b"] }), "/identityFields", "is of object"],
  ["an identity that is a secret", "repository", object({ a: text, b: { type: "string", format: "password" } }, { ...found, identityFields: ["b"], required: ["a", "b"] }), "/identityFields", "is a secret"],
  ["a name that is a number", "repository", object({ a: { type: "integer" } }, found), "/nameField", "is of integer"],
  ["a name that may be absent", "repository", object({ a: text, b: text }, { ...found, nameField: "b" }), "/nameField", `"b" is optional`],
  ["an identity where nothing has one", "linkedSource", object({ a: text }, { identityFields: ["a"] }), "/identityFields", "no meaning here"],
  ["a name inside", "repository", object({ a: text, b: object({ c: text }, { nameField: "c" }) }, found), "/properties/b/nameField", "no meaning here"],
  // access
  ["access by what is not there", "sourceConfig", object({ a: text }, { ...found, access: { url: "x://{b}" } }), "/access/url", `"{b}" is not a property`],
  ["access by a secret argument", "sourceConfig", object({ a: text, p: secret() }, { ...found, access: { command: ["c", "{p}"] } }), "/access/command", "process listings"],
  ["access of a repository", "repository", object({ a: text }, { ...found, access: { url: "x://{a}" } }), "/access", "no meaning here"],
  // forms
  ["an order of what is not there", "linkedSource", object({ a: text }, { ordering: ["a", "b"] }), "/ordering/1", `"b" is not a property`],
  ["rows of a number", "linkedSource", object({ a: { type: "integer", rows: 3 } }), "/properties/a/rows", "string"],
  ["no rows at all", "linkedSource", object({ a: { type: "string", rows: 0 } }), "/properties/a/rows", "must be >= 1"],
  ["a text that folds", "linkedSource", object({ a: { type: "string", collapsible: true } }), "/properties/a/collapsible", "object or array"],
  ["hidden by what is not there", "linkedSource", object({ a: { type: "string", hiddenWhen: { b: 1 } } }), "/properties/a/hiddenWhen/b", "not another property"],
  ["hidden by itself", "linkedSource", object({ a: { type: "string", hiddenWhen: { a: "x" } } }), "/properties/a/hiddenWhen/a", "not another property"],
  ["hidden by a value that can't be", "linkedSource", object({ a: { type: "string", hiddenWhen: { b: [true, "yes"] } }, b: { type: "boolean" } }), "/properties/a/hiddenWhen/b", `can't have the value "yes"`],
  ["hidden though required", "linkedSource", object({ a: { type: "string", hiddenWhen: { b: true } }, b: { type: "boolean" } }, { required: ["a"] }), "/properties/a/hiddenWhen", "is required"],
  ["a schema that is no property, hidden", "linkedSource", object({ a: { type: "array", items: { type: "string", hiddenWhen: { b: 1 } } } }), "/properties/a/items/hiddenWhen", "for a property"],
  ["a message for what can't go wrong", "linkedSource", object({ a: { type: "string", messages: { pattern: "x" } } }), "/properties/a/messages/pattern", "no pattern here"],
  ["a message for no keyword", "linkedSource", object({ a: { type: "string", messages: { patern: "x" } } }), "/properties/a/messages", "propertyName"],
  // texts
  ["a password of digits", "linkedSource", object({ a: { type: "integer", format: "password" } }), "/properties/a/format", "of strings"],
  ["a path of anything", "linkedSource", object({ a: { type: ["string", "null"], format: "unixpath" } }), "/properties/a/format", "string or null"],
  ["a secret in the clear", "linkedSource", object({ a: { type: "string", format: "password", default: "hunter2" } }), "/properties/a/default", "in the clear"],
  ["a secret in the default of what is around it", "linkedSource", object({ a: object({ p: secret() }, { default: { p: "hunter2" } }) }), "/properties/a/default", "in the clear"],
  ["a default that does not fit", "linkedSource", object({ a: object({ n: { type: "integer" } }, { default: { n: "three" } }) }), "/properties/a/default/n", "must be integer"],
  ["a default of a union that names no branch", "linkedSource", object({ how: { oneOf: [object({ type: { const: "a" } }, { required: ["type"] }), object({ type: { const: "b" } }, { required: ["type"] })], default: { type: "c" } } }), "/properties/how/default/type", `one of "a", "b"`],
  // references
  ["a reference to nothing in particular", "linkedSource", object({ a: { type: "string", format: "reference" } }), "/properties/a/referenceType", "does not say"],
  ["a reference to what can't be referred to", "linkedSource", object({ a: { type: "string", format: "reference", referenceType: "database" } }), "/properties/a/referenceType", "environment, environmentUser"],
  ["what a reference matches, without one", "linkedSource", object({ a: { type: "string", matches: { hostType: "unix" } } }), "/properties/a/matches", "no meaning"],
  ["a match of what is not there", "linkedSource", object({ a: { type: "string", format: "reference", referenceType: "environment", matches: { size: "big" } } }), "/properties/a/matches/size", `no "size"`],
  ["a match of an unknown host type", "linkedSource", object({ a: { type: "string", format: "reference", referenceType: "environment", matches: { hostType: "vms" } } }), "/properties/a/matches/hostType", `"vms"`],
  ["a match of no sibling", "linkedSource", object({ a: { type: "string", format: "reference", referenceType: "environmentUser", matches: { environment: { property: "b" } } } }), "/properties/a/matches/environment", "not a property beside"],
  ["a match of a sibling that refers to nothing", "linkedSource", object({ a: { type: "string", format: "reference", referenceType: "environmentUser", matches: { environment: { property: "b" } } }, b: text }), "/properties/a/matches/environment", "refers to no environment"],
  // unions and credentials
  ["a union that nothing tells apart", "linkedSource", union2(object({ a: text }), object({ b: text })), "/properties/how/oneOf", "No property tells"],
  ["a branch without the tag", "linkedSource", union2(object({ type: { const: "a" } }, { required: ["type"] }), object({ kind: { const: "b" } }, { required: ["kind"] }), object({ type: { const: "c" } }, { required: ["type"] })), "/properties/how/oneOf/1", `does not hold "type"`],
  ["two branches of one tag", "linkedSource", union2(object({ type: { const: "a" } }, { required: ["type"] }), object({ type: { const: "a" } }, { required: ["type"] })), "/properties/how/oneOf/1/properties/type", "in branch 0, too"],
  ["a tag that is optional", "linkedSource", union2(object({ type: { const: "a" } }, { required: ["type"] }), object({ type: { const: "b" } })), "/properties/how/oneOf/1", "optional"],
  ["credentials of another make", "linkedSource", object({ a: { ...object({ user: text }), credentials: true } }), "/properties/a/credentials", "not the branches"],
  ["resync that is a text", "snapshotParameters", object({ resync: text }), "/properties/resync", "of boolean"],
]

test.each(refused)("%s is refused", (_what, name, schema, place, said) => {
  const faults = faultsOf(name, schema)
  expect(faults).toEqual([expect.objectContaining({ place })])
  expect(faults.map(({ message, mend }) => `${message} ${mend}`).join()).toContain(said)
})

test("all faults come at once", () => {
  const schema = object({ a: { type: "strin" }, b: { type: "array", items: 3 } }, { ordering: "a" })
  expect(faultsOf("linkedSource", schema).map(({ place }) => place)).toEqual(["/properties/a/type", "/properties/b/items", "/ordering"])
  const mistyped = object({ a: { type: "string", fromat: "x", pattern: "(" }, b: { $ref: "#/nowhere" } })
  expect(faultsOf("linkedSource", mistyped).map(({ place }) => place)).toEqual(["/properties/a/pattern", "/properties/a/fromat", "/properties/b/$ref"])
})
