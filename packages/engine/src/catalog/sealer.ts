import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"
import { Secret } from "@veneer/sdk"

const ALGORITHM = "aes-256-gcm"
const NONCE_BYTES = 12
const TAG_BYTES = 16
const FIELD = "$sealed"

/** Turns values with secrets in them into plain JSON that may be stored, and back. */
export interface Sealer {
  /**
   * Encrypts every `Secret` in a value.
   * @param place where it is stored, such as `vdb/3k9x`; a sealed secret opens only there
   */
  seal(value: unknown, place: string): unknown
  open<T>(value: T, place: string): T
}

/** A sealer under a 32-byte key: AES-256-GCM (NIST SP 800-38D), the place as associated data. */
export function createSealer(key: Buffer): Sealer {
  const encrypt = (text: string, place: string): string => {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(place))
    const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()])
    return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64")
  }
  const decrypt = (sealed: string, place: string): string => {
    const bytes = Buffer.from(sealed, "base64")
    const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(place))
      .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString("utf8")
  }
  return {
    seal: (value, place) => mapTree(value, (node) => (node instanceof Secret ? { [FIELD]: encrypt(node.reveal(), place) } : undefined)),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the tree keeps its form; only its sealed leaves change
    open: <T>(value: T, place: string) => mapTree(value, (node) => (isSealed(node) ? new Secret(decrypt(node[FIELD], place)) : undefined)) as T,
  }
}

/** A copy of a JSON-like tree in which `replace` had its way with each node first. */
function mapTree(node: unknown, replace: (node: unknown) => unknown): unknown {
  const replaced = replace(node)
  if (replaced !== undefined) return replaced
  if (Array.isArray(node)) return node.map((item) => mapTree(item, replace))
  if (typeof node !== "object" || node === null) return node
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, mapTree(value, replace)]))
}

function isSealed(node: unknown): node is { [FIELD]: string } {
  return typeof node === "object" && node !== null && FIELD in node && typeof node[FIELD] === "string" && Object.keys(node).length === 1
}
