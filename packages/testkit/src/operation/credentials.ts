import type { KnownCredentials } from "@veneer/sdk"
import { coded } from "../hosts/local/user.ts"

/** What references to secret stores stand for in a test, by reference: `vault:sales`. */
export type CredentialsByReference = Readonly<Record<string, KnownCredentials>>

/** Follows references as the engine's secret stores do. */
export const credentialsFrom = (known: CredentialsByReference) => async (reference: string): Promise<KnownCredentials> => {
  const found = Object.hasOwn(known, reference) ? known[reference] : undefined
  if (found) return found
  throw coded("credentials_missing", `No secret store knows ${JSON.stringify(reference)}.`, "Give the test's option `credentials` an entry of that name.")
}
