import { createHash, createHmac, pbkdf2, randomBytes } from "node:crypto"
import { promisify } from "node:util"
import type { Secret } from "@veneer/sdk"

const ITERATIONS = 4096

type Ranges = readonly (readonly [number, number])[]

// RFC 4013: spaces that become a plain one, and characters that become nothing.
const SPACES: Ranges = [[0xa0, 0xa0], [0x1680, 0x1680], [0x2000, 0x200b], [0x202f, 0x202f], [0x205f, 0x205f], [0x3000, 0x3000]]
const NOTHING: Ranges = [[0xad, 0xad], [0x34f, 0x34f], [0x1806, 0x1806], [0x180b, 0x180d], [0x200c, 0x200d], [0x2060, 0x2060], [0xfe00, 0xfe0f], [0xfeff, 0xfeff]]
// And those that a normalized password may not hold, besides control, private and surrogate characters.
const PROHIBITED: Ranges = [
  [0x340, 0x341], [0x6dd, 0x6dd], [0x70f, 0x70f], [0x180e, 0x180e], [0x200e, 0x200f], [0x2028, 0x202e], [0x2061, 0x2063], [0x206a, 0x206f], [0x2ff0, 0x2ffb],
  [0xfdd0, 0xfdef], [0xfff9, 0xffff], [0x1d173, 0x1d17a], [0xe0001, 0xe0001], [0xe0020, 0xe007f],
]

function isIn(ranges: Ranges, character: string): boolean {
  const code = character.codePointAt(0) ?? 0
  return ranges.some(([first, last]) => first <= code && code <= last)
}

/** The text a password counts as: normalized where the profile allows it, else as given, as PostgreSQL and libpq do. */
function prepare(password: string): string {
  if (/^\p{ASCII}*$/u.test(password)) return password
  const mapped = Array.from(password).map(character => (isIn(NOTHING, character) ? "" : isIn(SPACES, character) ? " " : character))
  const prepared = mapped.join("").normalize("NFKC")
  const prohibited = prepared === "" || /[\p{Cc}\p{Co}\p{Cs}]/u.test(prepared) || Array.from(prepared).some(character => isIn(PROHIBITED, character))
  return prohibited ? password : prepared
}

/** What the server keeps of a password (`pg_authid.rolpassword`), so that the password itself never travels there. */
export async function scramVerifier(password: Secret, salt: Buffer = randomBytes(16)): Promise<string> {
  const salted = await promisify(pbkdf2)(Buffer.from(prepare(password.reveal())), salt, ITERATIONS, 32, "sha256")
  const sign = (text: string) => createHmac("sha256", salted).update(text).digest()
  const storedKey = createHash("sha256").update(sign("Client Key")).digest("base64")
  return `SCRAM-SHA-256$${String(ITERATIONS)}:${salt.toString("base64")}$${storedKey}:${sign("Server Key").toString("base64")}`
}
