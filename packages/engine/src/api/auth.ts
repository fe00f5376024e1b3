import { createHash, randomBytes } from "node:crypto"
import type { FastifyRequest } from "fastify"
import type { Catalog } from "../catalog/catalog.ts"
import { findToken, type TokenRecord } from "../catalog/tokens.ts"
import { EngineError } from "../errors.ts"
import { DOCUMENTATION } from "./documentation.ts"

const TOKEN_BYTES = 32
/** Longer than any token of ours; what is longer isn't even hashed. */
const LONGEST_TOKEN = 200

/** A new token's text: 256 random bits behind a prefix that secret scanners can look for. */
export const newToken = (): string => `vnr_${randomBytes(TOKEN_BYTES).toString("base64url")}`

/** What the catalog keeps of a token. Without salt, since what is hashed is random already. */
export const hashToken = (token: string): string => createHash("sha256").update(token).digest("hex")

/** Who asks. @throws EngineError `unauthorized` */
export async function authenticate(catalog: Catalog, request: FastifyRequest): Promise<TokenRecord> {
  const text = tokenOf(request)
  const token = text !== undefined && text.length <= LONGEST_TOKEN ? await findToken(catalog, hashToken(text)) : undefined
  if (!token) throw new EngineError("unauthorized", text === undefined ? "The request carries no token." : "The token is not valid.")
  return token
}

/** From `Authorization: Bearer`; for the documentation also from Basic, as its password, since that is what a browser can be made to ask for. */
function tokenOf({ headers: { authorization = "" }, method, url }: FastifyRequest): string | undefined {
  const [scheme = "", credentials = ""] = authorization.split(" ")
  if (scheme.toLowerCase() === "bearer" && credentials !== "") return credentials
  if (scheme.toLowerCase() !== "basic" || method !== "GET" || !url.startsWith(DOCUMENTATION)) return undefined
  const pair = Buffer.from(credentials, "base64").toString("utf8")
  return pair.slice(pair.indexOf(":") + 1)
}
