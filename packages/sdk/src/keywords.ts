const name = { type: "string", minLength: 1 }
const names = { type: "array", items: name, uniqueItems: true }
const scalar = { type: ["string", "number", "boolean", "null"] }

/** Keywords of JSON Schema for whose violation an author may have words of their own. */
const assertions = [
  "type", "enum", "const", "required", "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
  "minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains", "minProperties", "maxProperties", "propertyNames", "additionalProperties",
  "unevaluatedProperties", "unevaluatedItems", "items", "dependentRequired", "not", "oneOf", "anyOf", "if",
]

/** Veneer's keywords beyond JSON Schema 2020-12, each with the schema of its value. */
export const keywords = {
  identityFields: { ...names, minItems: 1 },
  nameField: name,
  prettyName: name,
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
  referenceType: { enum: ["environment", "environmentUser"] },
  matches: {
    type: "object",
    additionalProperties: { anyOf: [{ type: "string" }, { type: "object", properties: { property: name }, required: ["property"], additionalProperties: false }] },
  },
  credentials: { const: true },
  rows: { type: "integer", minimum: 1, maximum: 100 },
  collapsible: { type: "boolean" },
  hiddenWhen: { type: "object", minProperties: 1, additionalProperties: { anyOf: [scalar, { type: "array", items: scalar, minItems: 1, uniqueItems: true }] } },
  messages: { type: "object", propertyNames: { enum: assertions }, additionalProperties: name },
}

/** The schema of all schemas a plugin may declare: JSON Schema 2020-12 with Veneer's keywords. */
export const dialect = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $id: "https://veneer.invalid/dialect",
  $dynamicAnchor: "meta",
  type: ["object", "boolean"],
  allOf: [{ $ref: "https://json-schema.org/draft/2020-12/schema" }],
  properties: keywords,
}
