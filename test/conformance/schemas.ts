import type { Schemas } from "@veneer/sdk"
import { credentials, reference, secret, Type, union } from "@veneer/sdk"

const text = { type: "string" }
const object = (properties: object, rest: object = {}) => ({ type: "object", properties, ...rest })
const found = (properties: object, rest: object = {}) => object(properties, { identityFields: ["a"], nameField: "a", required: ["a"], ...rest })
const branch = (type: string, required = ["type"]) => object({ type: { const: type } }, { required })
const field = (schema: object) => object({ a: schema })

/** What a schema is, which of the six, itself, and where in it a fault is found: nowhere, if it is taken. */
export const schemas: [what: string, name: keyof Schemas, schema: unknown, pointers: string[]][] = [
  ["everything of the SDK", "linkedSource", Type.Object({ u: union("t", { a: Type.Object({}), b: Type.Object({ s: secret() }) }), c: credentials(), e: reference("environment"), f: reference("environmentUser", { matches: { environment: { property: "e" } } }) }), []],
  ["$defs, $ref, $anchor and $id", "snapshot", object({ a: { $ref: "#/$defs/a" }, b: { $ref: "#b" }, c: { $ref: "c" } }, { $defs: { a: text, b: { $anchor: "b", ...text }, c: { $id: "c", ...text } } }), []],
  ["prefixItems and contains", "snapshot", field({ type: "array", prefixItems: [text], items: { type: "integer" }, contains: { const: 1 }, minContains: 2 }), []],
  ["conditions and dependencies", "snapshot", { ...object({ a: text, b: text }), if: { required: ["a"] }, then: { required: ["b"] }, dependentRequired: { a: ["b"] }, dependentSchemas: { b: { minProperties: 2 } } }, []],
  ["unevaluatedProperties", "snapshot", { ...object({}), allOf: [object({ a: text })], unevaluatedProperties: false }, []],
  ["no schema", "snapshot", undefined, [""]],
  ["a schema that is true", "snapshot", true, [""]],
  ["a schema of a text", "snapshot", text, [""]],
  ["a type that is none", "snapshot", field({ type: "text" }), ["/properties/a/type"]],
  ["a mistyped keyword", "snapshot", field({ type: "string", minLenght: 1 }), ["/properties/a/minLenght"]],
  ["a mistyped format", "snapshot", field({ type: "string", format: "datetime" }), ["/properties/a/format"]],
  ["draft 7", "snapshot", { ...object({}), $schema: "http://json-schema.org/draft-07/schema#" }, ["/$schema"]],
  ["items of draft 7", "snapshot", field({ type: "array", items: [text] }), ["/properties/a/items"]],
  ["a reference to nothing", "snapshot", field({ $ref: "#/$defs/a" }), ["/properties/a/$ref"]],
  ["a reference to elsewhere", "snapshot", field({ $ref: "https://example.com/schema" }), ["/properties/a/$ref"]],
  ["a broken pattern", "snapshot", field({ type: "string", pattern: "(" }), ["/properties/a/pattern"]],
  ["a keyword of another type", "snapshot", field({ type: "integer", maxLength: 3 }), ["/properties/a"]],
  ["several faults at once", "snapshot", object({ a: { type: "strin" }, b: { type: "array", items: 1 } }), ["/properties/a/type", "/properties/b/items"]],

  ["an identity of two fields", "repository", found({ a: text, b: { type: "integer" } }, { identityFields: ["b", "a"], required: ["a", "b"] }), []],
  ["no identity", "repository", object({ a: text }, { nameField: "a", required: ["a"] }), ["/identityFields"]],
  ["an empty identity", "repository", found({ a: text }, { identityFields: [] }), ["/identityFields"]],
  ["an identity that names a field twice", "repository", found({ a: text }, { identityFields: ["a", "a"] }), ["/identityFields"]],
  ["an identity of an unknown field", "sourceConfig", found({ a: text }, { identityFields: ["b"] }), ["/identityFields"]],
  ["an identity of an optional field", "sourceConfig", found({ a: text, b: text }, { identityFields: ["b"] }), ["/identityFields"]],
  ["an identity of a list", "repository", found({ a: text, b: { type: "array" } }, { identityFields: ["b"], required: ["a", "b"] }), ["/identityFields"]],
  ["an identity of a secret", "repository", found({ a: text, b: secret() }, { identityFields: ["b"], required: ["a", "b"] }), ["/identityFields"]],
  ["an identity of a VDB", "virtualSource", object({ a: text }, { identityFields: ["a"] }), ["/identityFields"]],
  ["no name", "sourceConfig", object({ a: text }, { identityFields: ["a"], required: ["a"] }), ["/nameField"]],
  ["a name of an unknown field", "repository", found({ a: text }, { nameField: "b" }), ["/nameField"]],
  ["a name of a number", "repository", found({ a: { type: "integer" } }), ["/nameField"]],
  ["a name of two fields", "repository", found({ a: text }, { nameField: ["a"] }), ["/nameField"]],
  ["a name of a snapshot", "snapshot", object({ a: text }, { nameField: "a" }), ["/nameField"]],
  ["access by an unknown field", "sourceConfig", found({ a: text }, { access: { url: "x://{b}" } }), ["/access/url"]],
  ["access by a secret on a command line", "sourceConfig", found({ a: text, p: secret() }, { access: { command: ["c", "{p}"] } }), ["/access/command"]],
  ["access of a dSource", "linkedSource", object({ a: text }, { access: { url: "x://{a}" } }), ["/access"]],

  ["an order of unknown fields", "linkedSource", object({ a: text }, { ordering: ["b"] }), ["/ordering/0"]],
  ["a label that is empty", "linkedSource", field({ type: "string", prettyName: "" }), ["/properties/a/prettyName"]],
  ["a secret of digits", "linkedSource", field({ type: "integer", format: "password" }), ["/properties/a/format"]],
  ["a secret with a default", "linkedSource", field({ type: "string", format: "password", default: "x" }), ["/properties/a/default"]],
  ["a default that does not fit", "linkedSource", field({ type: "integer", default: "1" }), ["/properties/a/default"]],
  ["a path of any type", "linkedSource", field({ type: ["string", "null"], format: "unixpath" }), ["/properties/a/format"]],
  ["a reference of no type", "linkedSource", field({ type: "string", format: "reference" }), ["/properties/a/referenceType"]],
  ["a reference of an unknown type", "linkedSource", field({ type: "string", format: "reference", referenceType: "vdb" }), ["/properties/a/referenceType"]],
  ["a reference that matches an unknown fact", "linkedSource", field({ type: "string", format: "reference", referenceType: "environment", matches: { colour: "red" } }), ["/properties/a/matches/colour"]],
  ["a reference that matches an unknown field", "linkedSource", field({ type: "string", format: "reference", referenceType: "environmentUser", matches: { environment: { property: "b" } } }), ["/properties/a/matches/environment"]],
  ["credentials of another make", "linkedSource", field({ ...branch("password"), credentials: true }), ["/properties/a/credentials"]],
  ["rows of a flag", "linkedSource", field({ type: "boolean", rows: 2 }), ["/properties/a/rows"]],
  ["a text that folds", "linkedSource", field({ type: "string", collapsible: true }), ["/properties/a/collapsible"]],
  ["hidden by an unknown field", "linkedSource", field({ type: "string", hiddenWhen: { b: 1 } }), ["/properties/a/hiddenWhen/b"]],
  ["hidden by an impossible value", "linkedSource", object({ a: { type: "string", hiddenWhen: { b: 1 } }, b: text }), ["/properties/a/hiddenWhen/b"]],
  ["hidden and required", "linkedSource", object({ a: { type: "string", hiddenWhen: { b: "x" } }, b: text }, { required: ["a"] }), ["/properties/a/hiddenWhen"]],
  ["words for what can't happen", "linkedSource", field({ type: "string", messages: { minimum: "x" } }), ["/properties/a/messages/minimum"]],
  ["a union without a tag", "linkedSource", field({ oneOf: [object({ x: text }), object({ y: text })] }), ["/properties/a/oneOf"]],
  ["a union whose tag is missing once", "linkedSource", field({ oneOf: [branch("a"), branch("b"), object({ x: text })] }), ["/properties/a/oneOf/2"]],
  ["a union whose tag is there twice", "linkedSource", field({ oneOf: [branch("a"), branch("b"), branch("a")] }), ["/properties/a/oneOf/2/properties/type"]],
  ["a union whose tag is optional", "linkedSource", field({ oneOf: [branch("a"), branch("b", [])] }), ["/properties/a/oneOf/1"]],
  ["resync that is no flag", "snapshotParameters", object({ resync: text }), ["/properties/resync"]],
]
