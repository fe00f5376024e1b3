import { withDefaults } from "../values/defaults.ts"
import { faultsOf } from "../values/faults.ts"
import { concealed } from "../values/secrets.ts"
import { Secret } from "../secret.ts"
import { faultAt, type Rule } from "./subject.ts"

/** A `default` fits its own schema, once that has filled it, and holds no secret. */
export const defaultRule: Rule = (subject, place) => {
  if (!("default" in place.schema)) return []
  const { document } = subject
  const filled = withDefaults(document.root, place.schema["default"], place.schema)
  if (holdsSecret(concealed(document.root, filled, place.schema))) return [faultAt(subject, place, "/default", "A default holds a secret, which the artifact would hold in the clear.", "Leave the secret out.")]
  return faultsOf(document, place.schema, filled).map(({ pointer, message }) => faultAt(subject, place, `/default${pointer}`, `The default does not fit: ${message}.`, "Give one that does."))
}

const holdsSecret = (value: unknown): boolean => value instanceof Secret || (typeof value === "object" && value !== null && Object.values(value).some(holdsSecret))
