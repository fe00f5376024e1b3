import { workerInterval } from "@veneer/sdk/describe"
import { migrationKinds } from "@veneer/sdk/migrate"
import type { Schema } from "@veneer/sdk/values"

const text = { type: "string", minLength: 1 }
const dotted = String.raw`^\d+(\.\d+)*$`
const schemaNames = ["repository", "sourceConfig", "linkedSource", "virtualSource", "snapshot", "snapshotParameters"]

/** What `manifest.json` looks like, before any of the artifact's code runs. */
export const manifestSchema: Schema = {
  type: "object",
  properties: {
    format: { const: 1 },
    id: { type: "string", pattern: "^[a-z][a-z0-9-]{0,62}$" },
    name: text,
    version: text,
    buildNumber: { type: "string", pattern: dotted },
    sdk: text,
    hostTypes: { type: "array", items: text, minItems: 1 },
    ingestion: { enum: ["staged", "direct"] },
    manualSourceConfigs: { type: "boolean" },
    workerIntervalSeconds: { type: "integer", minimum: workerInterval.least, maximum: workerInterval.most },
    schemas: {
      type: "object",
      properties: Object.fromEntries(schemaNames.map((name) => [name, { type: "object" }])),
      required: schemaNames,
      additionalProperties: false,
    },
    operations: { type: "array", items: { type: "string", pattern: String.raw`^(discovery|linked|virtual)\.\w+$` }, uniqueItems: true },
    migrations: {
      type: "array",
      items: {
        type: "object",
        properties: { id: { type: "string", pattern: dotted, maxLength: 64 }, kind: { enum: migrationKinds } },
        required: ["id", "kind"],
        additionalProperties: false,
      },
    },
    checksums: { type: "object", additionalProperties: { type: "string", pattern: "^[0-9a-f]{64}$" } },
  },
  required: ["format", "id", "name", "version", "buildNumber", "sdk", "hostTypes", "ingestion", "manualSourceConfigs", "schemas", "operations", "migrations", "checksums"],
  additionalProperties: false,
}
