import { Secret, type KnownCredentials } from "@veneer/sdk"

/** Bytes that a store may answer with. */
export const CONTENT_LIMIT = 64 * 1024

const PRIVATE_KEY = /^-----BEGIN [A-Z ]*PRIVATE KEY-----/

/**
 * What a store keeps under a name: JSON, `{ "username"?, "password" }` or `{ "username"?, "privateKey", "publicKey"?,
 * "passphrase"? }`, of which other properties are passed over; else plain text, which is a password, or a private key where
 * it begins like one. Undefined for what is neither.
 */
export function credentialsIn(text: string): KnownCredentials | undefined {
  const plain = text.replace(/\r?\n$/, "")
  if (/^\s*\{/.test(plain)) return fromFields(parsed(plain))
  if (PRIVATE_KEY.test(plain)) return { type: "keyPair", privateKey: new Secret(`${plain}\n`) }
  return plain === "" || plain.includes("\n") ? undefined : { type: "password", password: new Secret(plain) }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {}
  } catch {
    return {}
  }
}

function fromFields(fields: Readonly<Record<string, unknown>>): KnownCredentials | undefined {
  const text = (name: string): string | undefined => {
    const value = fields[name]
    return typeof value === "string" && value !== "" ? value : undefined
  }
  const [username, password, privateKey, publicKey, passphrase] = ["username", "password", "privateKey", "publicKey", "passphrase"].map(text)
  const named = username === undefined ? {} : { username }
  if (password !== undefined) return { type: "password", ...named, password: new Secret(password) }
  if (privateKey === undefined) return undefined
  return {
    type: "keyPair", ...named, privateKey: new Secret(privateKey),
    ...(publicKey !== undefined && { publicKey }), ...(passphrase !== undefined && { passphrase: new Secret(passphrase) }),
  }
}
