import { Type, type TUnsafe } from "typebox"
import type { Secret } from "../secret.ts"
import type { FormHints } from "../schema.ts"

/** The texts of a password field. */
export interface SecretOptions extends Pick<FormHints, "prettyName" | "rows" | "hiddenWhen"> {
  title?: string
  description?: string
  minLength?: number
  maxLength?: number
  pattern?: string
  messages?: Readonly<Record<string, string>>
}

/**
 * The schema of a secret string: masked in forms, encrypted at rest, a {@link Secret} in the handler. It has no default,
 * since an artifact would hold that in the clear.
 *
 * @example
 * Type.Object({ password: secret({ title: "Password" }) })
 */
export function secret(options: SecretOptions = {}): TUnsafe<Secret> {
  return Type.Unsafe<Secret>({ type: "string", format: "password", ...options })
}
