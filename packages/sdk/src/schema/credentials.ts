import { Type, type TUnsafe } from "typebox"
import type { Secret } from "../secret.ts"
import type { FormHints } from "../schema.ts"
import { secret } from "./secret.ts"
import { union } from "./union.ts"

/** A way to prove who one is, as a handler sees it. */
export type Credentials =
  | { type: "password"; username?: string; password: Secret }
  | { type: "keyPair"; username?: string; privateKey: Secret; publicKey?: string; passphrase?: Secret }
  /** Kept in a secret store under this name; `credentials(…)` of the call fetches it. */
  | { type: "reference"; reference: string }

/** The same once a reference has been followed. */
export type KnownCredentials = Exclude<Credentials, { type: "reference" }>

export type CredentialsKind = Credentials["type"]

/** The texts of credentials, and the kinds that are taken. */
export interface CredentialsOptions<K extends CredentialsKind> extends Pick<FormHints, "prettyName" | "hiddenWhen"> {
  title?: string
  description?: string
  /** All three unless told. */
  kinds?: readonly [K, ...K[]]
}

const username = Type.Optional(Type.String({ title: "User name", minLength: 1 }))
const closed = { additionalProperties: false }

/** The branches there are, each as a form shows it. */
const branches = {
  password: Type.Object({ username, password: secret({ title: "Password" }) }, { title: "Password", ...closed }),
  keyPair: Type.Object(
    {
      username,
      privateKey: secret({ title: "Private key", description: "In PEM or OpenSSH form.", rows: 10 }),
      publicKey: Type.Optional(Type.String({ title: "Public key", rows: 3 })),
      passphrase: Type.Optional(secret({ title: "Passphrase of the private key" })),
    },
    { title: "Key pair", ...closed },
  ),
  reference: Type.Object({ reference: Type.String({ title: "Reference", description: "The name under which a secret store keeps it.", minLength: 1 }) }, { title: "Secret store", ...closed }),
}

/**
 * The schema of credentials: a password, a key pair, or a reference to a secret store, as the person chooses. The handler
 * gets a union discriminated by `type`, with {@link Secret}s in it.
 *
 * @example
 * Type.Object({ login: credentials({ title: "Login to the source", kinds: ["password", "reference"] }) })
 */
export function credentials<const K extends CredentialsKind = CredentialsKind>({ kinds, ...options }: CredentialsOptions<K> = {}): TUnsafe<Extract<Credentials, { type: K }>> {
  const chosen = Object.fromEntries(Object.entries(branches).filter(([kind]) => kinds === undefined || kinds.some((wanted) => wanted === kind)))
  return Type.Unsafe<Extract<Credentials, { type: K }>>({ ...union("type", chosen, options), credentials: true })
}
