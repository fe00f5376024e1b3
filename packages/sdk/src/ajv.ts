import { Ajv2020, type Options } from "ajv/dist/2020.js"
import formats from "ajv-formats"

const names = { type: "array", items: { type: "string" }, uniqueItems: true }

/** The schema of each keyword's value, so that a wrong one is found when the schema is compiled. */
const keywords = {
  identityFields: { ...names, minItems: 1 },
  nameField: { type: "string", minLength: 1 },
  prettyName: { type: "string" },
  ordering: names,
  access: {
    type: "object",
    properties: {
      url: { type: "string" },
      command: { type: "array", items: { type: "string" }, minItems: 1 },
      environment: { type: "object", additionalProperties: { type: "string" } },
    },
    additionalProperties: false,
  },
}

/**
 * A validator for JSON Schema 2020-12 with Veneer's keywords and formats, strict: what it doesn't know is an error.
 * Everybody who holds a value against a plugin's schema uses one of these.
 */
export function createAjv(options: Options = {}): Ajv2020 {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: true, logger: false, ...options })
  formats.default(ajv)
  ajv.addFormat("unixpath", /^\/[^\0]*$/)
  for (const [keyword, metaSchema] of Object.entries(keywords)) ajv.addKeyword({ keyword, metaSchema })
  return ajv
}
