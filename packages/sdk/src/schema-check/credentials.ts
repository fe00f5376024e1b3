import { isDeepStrictEqual } from "node:util"
import { credentials } from "../schema/credentials.ts"
import { faultAt, type Rule } from "./subject.ts"

/** `credentials` marks what the SDK's function of that name makes, and nothing else: the engine knows its branches. */
export const credentialsRule: Rule = (subject, place) => {
  if (!("credentials" in place.schema)) return []
  const made: { oneOf: unknown[] } = JSON.parse(JSON.stringify(credentials()))
  const { oneOf } = place.schema
  const isMade = Array.isArray(oneOf) && oneOf.length > 0 && oneOf.every((branch) => made.oneOf.some((known) => isDeepStrictEqual(known, branch)))
  return isMade ? [] : [faultAt(subject, place, "/credentials", "These are not the branches of credentials.", "Write credentials({ title, kinds }).")]
}
