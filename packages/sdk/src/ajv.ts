import { Ajv2020, type Options } from "ajv/dist/2020.js"
import formats from "ajv-formats"
import { keywords } from "./keywords.ts"

/** An absolute path; all of Unix allows is that no character of it is NUL. */
const UNIX_PATH = /^\/[^\0]*$/

/**
 * A validator for JSON Schema 2020-12 with Veneer's keywords and formats, strict: what it doesn't know is an error.
 * Everybody who holds a value against a plugin's schema uses one of these. The schema itself has been held against
 * `dialect` when the plugin was checked, so that no validator does it again.
 */
export function createAjv(options: Options = {}): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true, strictRequired: false, strictTuples: false, allowUnionTypes: true, allowMatchingProperties: true,
    allErrors: true, verbose: true, validateSchema: false, logger: false, ...options,
  })
  formats.default(ajv)
  ajv.addFormat("unixpath", UNIX_PATH)
  ajv.addFormat("reference", true)
  ajv.addVocabulary(["$anchor", ...Object.keys(keywords)])
  return ajv
}
