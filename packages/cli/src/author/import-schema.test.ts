import { checkPlugin } from "@veneer/sdk"
import * as sdk from "@veneer/sdk"
import { Validator, type Schema } from "@veneer/sdk/values"
import { Ajv } from "ajv"
import addFormats from "ajv-formats"
import { transformSync } from "esbuild"
import * as fc from "fast-check"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { describe, expect, test } from "vitest"
import { importSchema } from "./import-schema.ts"

type Names = "repository" | "sourceConfig" | "linkedSource" | "virtualSource" | "snapshot" | "snapshotParameters"

/** What the generated module exports as `schemas`. */
function schemasOf(code: string): Record<Names, object> {
  const module: { exports: { schemas?: Record<Names, object> } } = { exports: {} }
  // oxlint-disable-next-line typescript/no-implied-eval, no-new-func -- the code is what is tested
  new Function("require", "module", transformSync(code, { loader: "ts", format: "cjs" }).code)(() => sdk, module)
  if (!module.exports.schemas) throw new Error("The code exports no schemas.")
  return module.exports.schemas
}

const handlers = {
  discovery: { repositories: () => [], sourceConfigs: () => [] }, linked: { mountSpecification: () => [], postSnapshot: () => ({}) },
  virtual: { mountSpecification: () => [], configure: () => ({}), reconfigure: () => ({}), postSnapshot: () => ({}) },
}

const check = (code: string) => checkPlugin({ id: "x", name: "x", version: "1.0.0", buildNumber: "1", hostTypes: ["unix"], ingestion: "staged", schemas: schemasOf(code), ...handlers }, { scripts: [] })

const named = { type: "object", additionalProperties: false, required: ["name"], properties: { name: { type: "string" } }, identityFields: ["name"], nameField: "name" }
const file = (more: object = {}) => ({ repositoryDefinition: named, sourceConfigDefinition: named, virtualSourceDefinition: { type: "object" }, linkedSourceDefinition: { type: "object" }, snapshotDefinition: { type: "object" }, ...more })

const tour = {
  ...file(),
  definitions: { port: { type: "integer", minimum: 1, maximum: 65535, exclusiveMaximum: false } },
  repositoryDefinition: { type: "object", additionalProperties: "false", properties: { path: { type: "string", format: "unixpath", prettyName: "Path" }, version: { type: "string", pattern: String.raw`^\d+\.\d+(\-\w+)?\:?$` } }, identityFields: ["path", "version"], nameField: "path" },
  linkedSourceDefinition: {
    type: "object", title: "Link", required: ["host", "how", "undeclared"], additionalProperties: true, ordering: ["how", "host", "gone"],
    definitions: { user: { type: "object", properties: { "first-name": { type: "string" }, password: { type: "string", format: "password", default: "hunter2" }, friends: { type: "array", items: { $ref: "#/definitions/user" } } } }, tag: { enum: ["a", "b"] } },
    properties: {
      host: { type: "string", format: "reference", referenceType: "UNIX_HOST_ENVIRONMENT" },
      user: { type: "string", format: "reference", referenceType: "HOST_USER", matches: "host" },
      vault: { type: "string", format: "objectReference", referenceType: "VAULT" },
      login: { $ref: "https://delphix.com/platform/api#/definitions/credentialsSupplier", prettyName: "Login" },
      key: { $ref: "https://delphix.com/platform/api#/keyCredentialsSupplier" },
      port: { $ref: "#/definitions/port", default: 5432 }, users: { type: "array", items: { $ref: "#/definitions/user" }, minItems: 1 }, tags: { type: "array", items: { $ref: "#/definitions/tag" }, uniqueItems: true },
      either: { anyOf: [{ $ref: "#/definitions/tag" }, { $ref: "#/definitions/port" }] },
      how: { oneOf: [{ type: "object", properties: { type: { const: "copy" } }, required: ["type"] }, { type: "object", properties: { type: { const: "backup" }, at: { type: "string", format: "unixpath" } }, required: ["type", "at"] }] },
      verify: { type: "boolean", default: true }, retries: { type: "integer", minLength: 3, default: "many" },
      notes: { type: "string", dxFormProperties: { rows: 5, hideExpression: "!model.verify", validationMessages: { pattern: "never", minLength: "Say more." } }, minLength: 3 },
      late: { type: "string", dxFormProperties: { hideExpression: "field.parent.parent.model?.x" } }, mode: { type: "string", enum: ["fast", "safe", "none"] },
      more: { type: "object", properties: { x: { type: "null" } }, dxFormProperties: { collapsible: true, expanded: false, hideExpression: "model.mode !== 'fast' && model.verify" } },
      pair: { type: "array", items: [{ type: "string" }, { type: "integer" }], additionalItems: false }, map: { type: "object", additionalProperties: { type: "number", exclusiveMinimum: 0 } }, any: {}, never: false,
      both: { type: ["string", "null"], maxLength: 3 }, loose: { minimum: 3 }, odd: { type: "string", format: "color", widget: "picker" }, "__proto__": { type: "string" },
    },
    dependencies: { pair: ["map"], map: { required: ["any"] } }, if: { properties: { mode: { const: "fast" } }, required: ["mode"] }, then: { required: ["port"] },
  },
  snapshotParametersDefinition: { type: "object", additionalProperties: false, required: ["resync"], properties: { resync: { type: "boolean" } } },
  virtualToPhysicalDefinition: { type: "object" },
}

describe("the tour of all that a schema.json may hold", () => {
  const { code, notes } = importSchema(tour)

  test("becomes code that passes check", () => {
    expect(check(code)).toEqual([])
  })

  test("keeps what there is a word for", () => {
    const { linkedSource, repository } = JSON.parse(JSON.stringify(schemasOf(code)))
    expect(repository).toMatchObject({ additionalProperties: false, required: ["path", "version"], identityFields: ["path", "version"], nameField: "path", properties: { path: { prettyName: "Path" } } })
    expect(linkedSource.properties).toMatchObject({
      host: { format: "reference", referenceType: "environment", matches: { hostType: "unix" } }, user: { referenceType: "environmentUser", matches: { environment: { property: "host" } } },
      login: { credentials: true, prettyName: "Login" }, key: { oneOf: [expect.anything(), expect.anything()] }, notes: { rows: 5, hiddenWhen: { verify: [null, false] }, messages: { minLength: "Say more." } },
      more: { collapsible: true, hiddenWhen: { mode: [null, "safe", "none"], verify: [true] } }, verify: { default: true },
    })
    expect(linkedSource.ordering).toEqual(["how", "host"])
  })

  test("reads like code a person would write", () => {
    for (const line of ["import { credentials, reference, Type, union } from", `const port = Type.Integer({ minimum: 1, maximum: 65535 })`, `  host: reference("environment", { matches: { hostType: "unix" } }),`,
      `  login: Type.Optional(credentials({ prettyName: "Login" })),`, `  key: Type.Optional(credentials({ kinds: ["keyPair", "reference"] })),`, "  port: Type.Optional(port),", "    backup: Type.Object({\n      at: Type.String({ format: \"unixpath\" }),\n    }),", `  mode: Type.Optional(Type.Enum(["fast", "safe", "none"]`, "export const schemas = { repository, sourceConfig"]) expect(code).toContain(line)
  })

  test("tells, each by its place, what does not carry over", () => {
    const linked = "/linkedSourceDefinition"
    expect(notes.map(({ pointer }) => pointer).sort()).toEqual([
      "", "/repositoryDefinition/additionalProperties", "/repositoryDefinition/properties/path/format", "/repositoryDefinition/required", "/virtualToPhysicalDefinition",
      `${linked}/definitions/user/properties/password/default`, `${linked}/ordering/2`, `${linked}/properties/how/oneOf/1/properties/at/format`, `${linked}/properties/key/$ref`, `${linked}/properties/late/dxFormProperties/hideExpression`,
      `${linked}/properties/login/$ref`, `${linked}/properties/more/dxFormProperties/expanded`, `${linked}/properties/notes/dxFormProperties/validationMessages/pattern`, `${linked}/properties/odd/format`, `${linked}/properties/odd/widget`,
      `${linked}/properties/port/default`, `${linked}/properties/retries/default`, `${linked}/properties/retries/minLength`, `${linked}/properties/vault/referenceType`,
    ].sort())
    for (const { message } of notes) expect(message).toMatch(/\.$/)
  })
})

test("an empty file still becomes a plugin's six schemas", () => {
  for (const empty of [{}, null, []]) expect(check(importSchema(empty).code)).toEqual([])
})

test("the code compiles, with discriminated unions and secrets in its types", async () => {
  const folder = await mkdtemp(fileURLToPath(new URL("../../../../node_modules/.veneer-import-", import.meta.url)))
  try {
    const user = `import type { Secret, TypesOf } from "@veneer/sdk"
import { schemas } from "./schemas.ts"
type Linked = TypesOf<typeof schemas>["linkedSource"]
export const at = (how: Linked["how"]): string => (how.type === "backup" ? how.at : "nowhere")
export const secret = (login: NonNullable<Linked["login"]>): Secret | undefined => (login.type === "password" ? login.password : undefined)
export const port = ({ port = 1, mode = "fast" }: Linked): [number, "fast" | "safe" | "none"] => [port, mode]
// @ts-expect-error -- there is no such mode
export const wrong: Linked["mode"] = "slow"
`
    await Promise.all([writeFile(join(folder, "schemas.ts"), importSchema(tour).code), writeFile(join(folder, "user.ts"), user)])
    const options = { strict: true, noEmit: true, module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023, skipLibCheck: true, allowImportingTsExtensions: true, types: [] }
    const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([join(folder, "user.ts")], options))
    expect(diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([])
  } finally {
    await rm(folder, { recursive: true })
  }
})

/** Holds values against a definition as draft 7 does. */
function foreign(definition: object): (value: unknown) => boolean {
  const ajv = new Ajv({ strict: false, allErrors: false, logger: false })
  addFormats.default(ajv)
  ajv.addFormat("unixpath", /^\//)
  const validate = ajv.compile(definition)
  return (value) => validate(value)
}

const ours = (code: string, name: Names) => {
  const schema: Schema = JSON.parse(JSON.stringify(schemasOf(code)[name]))
  return (value: unknown) => new Validator().faults(schema, value).length === 0
}

const names = fc.constantFrom("a", "b", "type", "x-y")
const scalar = fc.constantFrom<unknown>("", "a", "abc", "/a/b", "2020-01-01", 0, 1, 3, 7.5, -1, true, false, null)

/** Schemas of draft 7 with all that a plugin's file may use, and values that may fit. */
const arbitrary = fc.letrec<{ schema: unknown; value: unknown }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4 },
    fc.record({ type: fc.constant("string"), minLength: fc.nat(2), maxLength: fc.integer({ min: 2, max: 4 }), pattern: fc.constantFrom("^[a-z/]*$", String.raw`^[\w\-]*$`, String.raw`\/|^$`), format: fc.constantFrom("unixpath", "date", "strange") }, { requiredKeys: ["type"] }),
    fc.record({ type: fc.constantFrom("integer", "number"), minimum: fc.integer({ min: -1, max: 2 }), exclusiveMaximum: fc.integer({ min: 2, max: 8 }), multipleOf: fc.constantFrom(1, 3) }, { requiredKeys: ["type"] }),
    fc.record({ type: fc.constantFrom("boolean", "null") }),
    fc.record({ type: fc.subarray(["string", "null", "integer", "object"], { minLength: 2 }), maxLength: fc.nat(3) }, { requiredKeys: ["type"] }),
    fc.record({ enum: fc.uniqueArray(fc.constantFrom("a", "abc", 1, null), { minLength: 1 }) }),
    fc.record({ const: fc.constantFrom("a", 1, null) }),
    fc.constantFrom<unknown>({}, true, false, { minimum: 1 }, { minLength: 2 }, { required: ["a"] }, { $ref: "#/definitions/d" }),
    fc.record({
      type: fc.constant("object"), properties: fc.dictionary(names, tie("schema"), { maxKeys: 3, noNullPrototype: true }), required: fc.uniqueArray(names, { maxLength: 2 }), additionalProperties: fc.oneof(fc.boolean(), tie("schema")),
      patternProperties: fc.record({ "^x": tie("schema") }), dependencies: fc.record({ a: fc.constantFrom(["b"], ["type", "b"]) }), minProperties: fc.nat(2), propertyNames: fc.constantFrom({ pattern: "^[a-z]*$" }),
    }, { requiredKeys: ["type"] }),
    fc.record({ type: fc.constant("array"), items: fc.oneof(tie("schema"), fc.array(tie("schema"), { minLength: 1, maxLength: 2 })), additionalItems: tie("schema"), maxItems: fc.nat(3), uniqueItems: fc.boolean() }, { requiredKeys: ["type"] }),
    fc.record({ anyOf: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }) }),
    fc.record({ allOf: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }) }),
    fc.record({ not: tie("schema") }),
    fc.record({ if: tie("schema"), then: tie("schema"), else: tie("schema") }, { requiredKeys: ["if"] }),
  ),
  value: fc.oneof({ maxDepth: 3 }, scalar, fc.dictionary(names, tie("value"), { maxKeys: 3, noNullPrototype: true }), fc.array(tie("value"), { maxLength: 3 })),
}))

/** Alternatives of objects without a tag are no form; `check` refuses them, and the import says so. */
const isRefused = (notes: readonly { message: string }[]) => notes.some(({ message }) => /tells these alternatives apart|branch/.test(message))

test("values are taken and refused as the foreign schema takes and refuses them", () => {
  const definition = fc.constantFrom<unknown>({ type: "string", minLength: 1 }, { type: "object", properties: { a: { $ref: "#/definitions/d" } } })
  let told = 0
  fc.assert(fc.property(arbitrary.schema, definition, fc.array(arbitrary.value, { minLength: 5, maxLength: 12 }), (inner, d, values) => {
    const linkedSourceDefinition = { type: "object", properties: { v: inner }, definitions: { d } }
    const { code, notes } = importSchema(file({ linkedSourceDefinition }))
    if (isRefused(notes)) return
    expect(check(code)).toEqual([])
    const [before, after] = [foreign(linkedSourceDefinition), ours(code, "linkedSource")]
    for (const value of values) {
      told += 1
      expect(after({ v: value }), `${code}\n${JSON.stringify(value)}`).toBe(before({ v: value }))
    }
  }), { numRuns: 150 })
  expect(told).toBeGreaterThan(500)
})

test("the tour's schema takes and refuses the same, credentials and identity apart", () => {
  const linkedSource = ours(importSchema(tour).code, "linkedSource")
  const { definitions: { port: { exclusiveMaximum: _draft4, ...port } }, linkedSourceDefinition: linked } = tour
  const before = foreign({ ...linked, definitions: { ...linked.definitions, port }, properties: { ...linked.properties, login: {}, key: {} } })
  const sound = { host: "h", how: { type: "copy" }, undeclared: 1 }
  const changes: object[] = [{}, { host: 1 }, { how: { type: "backup" } }, { how: { type: "backup", at: "/b" } }, { port: 0 }, { port: 65535 }, { users: [] }, { users: [{ friends: [{ password: 3 }] }] }, { users: [{ friends: [{ password: "x" }] }] }, { tags: ["a", "a"] }, { tags: ["c"] }, { either: 7 }, { either: "a" }, { either: "q" }, { notes: "no" }, { pair: ["a", 1] }, { pair: ["a", 1, 2], map: {}, any: 1 }, { pair: ["a"], map: {}, any: 1 }, { map: { k: 0 }, any: 1 }, { map: { k: 1 } }, { mode: "fast" }, { mode: "fast", port: 1 }, { mode: "slow" }, { both: null }, { both: "abcd" }, { loose: 2 }, { loose: "x" }, { never: 1 }, { retries: 2 }, { odd: "x" }, { surplus: 1 }, { undeclared: undefined }]
  for (const change of changes) {
    const value: unknown = JSON.parse(JSON.stringify({ ...sound, ...change }))
    expect(linkedSource(value), JSON.stringify(change)).toBe(before(value))
  }
})
