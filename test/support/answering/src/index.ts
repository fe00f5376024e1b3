// A plugin each of whose operations returns what the name of the environment says, as JSON; nothing for an empty one.
// oxlint-disable import/no-default-export, typescript/no-unsafe-type-assertion -- what the engine loads; it answers wrongly when told to
import { credentials, definePlugin, reference, secret, Type, union, type Connection } from "@veneer/sdk"

const answer = ({ connection: { environment } }: { connection: Connection }): never => (environment === "" ? undefined : JSON.parse(environment)) as never

const schemas = {
  repository: Type.Object({ path: Type.String(), version: Type.Integer() }, { identityFields: ["path"], nameField: "path" }),
  sourceConfig: Type.Object({ name: Type.String(), port: Type.Integer(), password: Type.Optional(secret()) }, { identityFields: ["name", "port"], nameField: "name", additionalProperties: false }),
  linkedSource: Type.Object({
    method: union("type", { copy: Type.Object({ rate: Type.Integer({ default: 9 }) }), backup: Type.Object({ at: Type.String({ format: "unixpath" }), key: secret({ minLength: 4 }) }, { additionalProperties: false }) }, { default: { type: "copy" } }),
    name: Type.Optional(Type.String({ pattern: "^[a-z]+$", messages: { pattern: "takes small letters only" } })),
    host: Type.Optional(reference("environment")), user: Type.Optional(reference("environmentUser", { matches: { environment: { property: "host" } } })), login: Type.Optional(credentials()),
    pair: Type.Optional(Type.Unsafe<unknown[]>({ type: "array", prefixItems: [{ type: "string" }, { type: "integer" }], items: false })),
    a: Type.Optional(Type.String()), b: Type.Optional(Type.String()),
  }, { dependentRequired: { a: ["b"] }, if: { properties: { name: { const: "strict" } }, required: ["name"] }, then: { required: ["pair"] }, unevaluatedProperties: false }),
  virtualSource: Type.Object({ port: Type.Optional(Type.Integer({ minimum: 1024, maximum: 65535 })), tree: Type.Optional(Type.Unsafe<unknown>({ $ref: "#/$defs/node" })) }, {
    additionalProperties: false, $defs: { node: { type: "object", properties: { below: { type: "array", items: { $ref: "#/$defs/node" } } }, additionalProperties: false } },
  }),
  snapshot: Type.Object({ files: Type.Integer({ minimum: 0 }), verified: Type.Optional(Type.Boolean()) }),
  snapshotParameters: Type.Object({ resync: Type.Optional(Type.Boolean({ default: false })) }, { additionalProperties: false }),
}

export default definePlugin({
  id: "answering", name: "Answering", version: "1.0.0", buildNumber: "1", hostTypes: ["unix"], ingestion: "staged", schemas,
  discovery: { repositories: answer, sourceConfigs: answer, traces: answer, removeTrace: answer },
  linked: { mountSpecification: answer, preSnapshot: answer, postSnapshot: answer, publish: answer, sourceSize: answer, startStaging: answer, stopStaging: answer, status: answer, worker: answer },
  virtual: {
    mountSpecification: answer, configure: answer, reconfigure: answer, unconfigure: answer, cleanup: answer, initialize: answer, start: answer, stop: answer,
    preSnapshot: answer, postSnapshot: answer, publish: answer, status: answer, sourceSize: answer,
  },
})
