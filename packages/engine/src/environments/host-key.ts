import { createHash } from "node:crypto"
import { EngineError } from "../errors.ts"

/** A host's public key, as far as it has to be told from others. */
export interface HostKey {
  /** As in `ssh-ed25519`; undefined where only a fingerprint was given. */
  type: string | undefined
  /** `SHA256:` and 43 characters, as OpenSSH writes it. */
  fingerprint: string
}

/** Kinds of keys in the order in which they are asked for, with the algorithms that sign with one. */
const ALGORITHMS = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
} as const

type KeyType = keyof typeof ALGORITHMS
export type KeyAlgorithm = (typeof ALGORITHMS)[KeyType][number]

const isKeyType = (text: string): text is KeyType => Object.hasOwn(ALGORITHMS, text)

const keyTypes = Object.keys(ALGORITHMS).filter(isKeyType)

/** What may be asked of a host one after another until it presents the key that is meant; of one of unknown kind, each kind. */
export function algorithmsFor(expected: HostKey | undefined): KeyAlgorithm[][] {
  if (expected === undefined) return [keyTypes.flatMap((type) => [...ALGORITHMS[type]])]
  const types = expected.type === undefined ? keyTypes : keyTypes.filter((type) => type === expected.type)
  return types.map((type) => [...ALGORITHMS[type]])
}

/** Of a key as SSH sends it: its kind comes first, behind four bytes of length. */
export function keyOf(blob: Buffer): HostKey & { type: string } {
  const length = blob.length < 4 ? 0 : blob.readUInt32BE(0)
  return { type: blob.toString("latin1", 4, 4 + length), fingerprint: `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}` }
}

export const keyText = ({ type, fingerprint }: HostKey): string => (type === undefined ? fingerprint : `${type} ${fingerprint}`)

export const isSameKey = (expected: HostKey, { type, fingerprint }: HostKey): boolean => expected.fingerprint === fingerprint && (expected.type ?? type) === type

/**
 * Reads what a person gives for a host's key, or the catalog has: a fingerprint, perhaps with the kind of key before it, or
 * the line of a public key file.
 * @throws EngineError `invalid_request`
 */
export function parseHostKey(text: string): HostKey {
  const [first = "", second] = text.trim().split(/\s+/)
  const type = second === undefined ? undefined : first
  const value = second ?? first
  if (type === undefined || isKeyType(type)) {
    if (/^SHA256:[A-Za-z0-9+/]{43}$/.test(value)) return { type, fingerprint: value }
    const key = /^[A-Za-z0-9+/]+=*$/.test(value) ? keyOf(Buffer.from(value, "base64")) : undefined
    if (key !== undefined && isKeyType(key.type) && (type ?? key.type) === key.type) return key
  }
  throw new EngineError("invalid_request", `${JSON.stringify(text)} is no host key.`, { action: "Give its fingerprint, as in SHA256:…, or the line of the host's public key file; `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on the host prints the fingerprint." })
}
