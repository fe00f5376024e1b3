/** The types of value that a keyword of JSON Schema has a meaning for; those not here have one for all. */
export const typesOfKeyword: Readonly<Record<string, readonly string[]>> = {
  ...of(["string"], "minLength", "maxLength", "pattern", "format", "contentMediaType", "contentEncoding", "contentSchema"),
  ...of(["number", "integer"], "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
  ...of(["array"], "items", "prefixItems", "contains", "minContains", "maxContains", "minItems", "maxItems", "uniqueItems", "unevaluatedItems"),
  ...of(["object"], "properties", "patternProperties", "additionalProperties", "required", "minProperties", "maxProperties", "propertyNames", "dependentRequired", "dependentSchemas", "unevaluatedProperties", "ordering"),
}

/** Keywords that any value may have, and that mean the same in every version of the standard. */
export const plainKeywords = ["type", "enum", "const", "title", "description", "default", "examples", "readOnly", "writeOnly", "deprecated", "$comment", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "prettyName", "identityFields", "nameField"]

export const allTypes = ["array", "boolean", "integer", "null", "number", "object", "string"]

function of(types: readonly string[], ...keywords: string[]): Record<string, readonly string[]> {
  return Object.fromEntries(keywords.map((keyword) => [keyword, types]))
}
