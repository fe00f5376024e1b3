import { Type, type Static, type TSchema, type TUnsafe } from "typebox"
import type { Secret } from "./secret.ts"

export { Type }
export type { Static, TSchema }

/**
 * How a person reaches what a source config describes. Every string may name the source config's properties in braces;
 * values are percent-encoded in `url` and taken as they are elsewhere.
 *
 * @example
 * access: {
 *   url: "postgresql://{user}:{password}@{host}:{port}/{database}",
 *   command: ["psql"],
 *   environment: { PGHOST: "{host}", PGPORT: "{port}", PGUSER: "{user}", PGPASSWORD: "{password}" },
 * }
 */
export interface Access {
  /** Ready to paste into a client. */
  url?: string
  /** The client program with its arguments. A secret may not stand here, since arguments show in process listings. */
  command?: readonly string[]
  /** Environment variables for `command`; the place for secrets. */
  environment?: Readonly<Record<string, string>>
}

/** Schema keywords beyond JSON Schema 2020-12 that Veneer understands. */
export interface Keywords {
  /** Repository and source config: the properties that tell one from another. They exist, and are required. */
  identityFields?: readonly string[]
  /** Repository and source config: the string property shown as its name. */
  nameField?: string
  /** A label for a form when the title won't do. */
  prettyName?: string
  /** The order of properties in a form. */
  ordering?: readonly string[]
  /** Source config: how its data is reached. */
  access?: Access
}

/** The texts of a password field. */
export interface SecretOptions {
  title?: string
  description?: string
  minLength?: number
  maxLength?: number
}

/**
 * The schema of a secret string: masked in forms, encrypted at rest, a {@link Secret} in the handler.
 *
 * @example
 * Type.Object({ password: secret({ title: "Password" }) })
 */
export function secret(options: SecretOptions = {}): TUnsafe<Secret> {
  return Type.Unsafe<Secret>({ type: "string", format: "password", ...options })
}
