import type { ErrorObject } from "ajv"
import { step } from "./pointer.ts"

/** One wrong field. */
export interface Fault {
  /** JSON pointer into what was sent. */
  pointer: string
  message: string
}

/** A validator's errors as faults of fields. Of a union, only what concerns the branch that the value names. */
export function faultsOf(errors: readonly ErrorObject[]): Fault[] {
  const tags = errors.filter((error) => error.keyword === "const" && branchOf(error) !== "")
  const others = new Set(tags.map(branchOf))
  const meant = errors.filter((error) => !others.has(branchOf(error)))
  const telling = meant.filter(({ keyword }) => !summaries.includes(keyword))
  if (telling.length > 0) return distinct(telling.map(faultOf))
  const [tag] = tags
  if (!tag) return distinct(errors.map(faultOf))
  const allowed = tags.filter(({ instancePath }) => instancePath === tag.instancePath).map(({ params }) => JSON.stringify(params["allowedValue"]))
  return [{ pointer: tag.instancePath, message: `must be one of ${allowed.join(", ")}` }]
}

/** "None of the branches fits" says less than what is wrong in the one that was meant. */
const summaries = ["oneOf", "anyOf", "if"]

const branch = /^(.*\/(?:oneOf|anyOf)\/\d+)\//

/** The innermost branch of a union that an error comes from. */
const branchOf = ({ schemaPath }: ErrorObject) => branch.exec(schemaPath)?.[1] ?? ""

const distinct = (faults: readonly Fault[]) => [...new Map(faults.map((fault) => [`${fault.pointer} ${fault.message}`, fault])).values()]

function faultOf({ keyword, instancePath, params, message = "is wrong" }: ErrorObject): Fault {
  const at = (property: unknown) => instancePath + step(String(property))
  switch (keyword) {
    case "required": return { pointer: at(params["missingProperty"]), message: "is required" }
    case "additionalProperties": return { pointer: at(params["additionalProperty"]), message: "is not a known field" }
    case "unevaluatedProperties": return { pointer: at(params["unevaluatedProperty"]), message: "is not a known field" }
    case "enum": return { pointer: instancePath, message: `must be one of ${listed(params["allowedValues"])}` }
    case "const": return { pointer: instancePath, message: `must be ${JSON.stringify(params["allowedValue"])}` }
    default: return { pointer: instancePath, message }
  }
}

const listed = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).join(", ")
