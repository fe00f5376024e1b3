import { createHash } from "node:crypto"
import type { FastifyInstance, FastifyRequest } from "fastify"
import type { Catalog } from "../catalog/catalog.ts"
import { beginIdempotent, endIdempotent } from "../catalog/tokens.ts"
import { EngineError } from "../errors.ts"

const LONGEST_KEY = 255

/** A request under way whose answer will be remembered. */
interface Begun {
  tokenId: string
  key: string
  /** Whether the answer may be kept: not one that holds a secret. */
  keep: boolean
}

/** Makes every POST answer the same again when it comes again with the same `Idempotency-Key`, without doing anything twice. */
export function rememberReplies(app: FastifyInstance, catalog: Catalog): void {
  const underWay = new WeakMap<FastifyRequest, Begun>()

  app.addHook("preHandler", async (request, reply) => {
    const key = keyOf(request)
    const tokenId = request.caller?.id
    if (key === undefined || tokenId === undefined) return undefined
    const described = describe(request)
    const earlier = await beginIdempotent(catalog, tokenId, key, described)
    if (!earlier) {
      underWay.set(request, { tokenId, key, keep: request.routeOptions.config.once !== true })
      return undefined
    }
    if (earlier.request !== described) throw new EngineError("conflict", "This Idempotency-Key belongs to another request.", { action: "Use a new key for a new request." })
    if (earlier.status === undefined || !earlier.body) {
      throw new EngineError("conflict", "A request with this Idempotency-Key is still under way.", { action: "Send the same request again in a moment." })
    }
    if ("shown" in earlier.body) throw new EngineError("conflict", "This request was done already, and what it answered is shown only once.", { action: "Use a new key." })
    return reply.code(earlier.status).header("idempotent-replayed", "true").send(earlier.body)
  })

  app.addHook("onSend", async (request, reply, payload) => {
    const begun = underWay.get(request)
    if (!begun) return
    underWay.delete(request)
    const answered = reply.statusCode < 400 && typeof payload === "string"
    const body = begun.keep && answered ? documentOf(payload) : { shown: "once" }
    await endIdempotent(catalog, begun.tokenId, begun.key, answered ? { status: reply.statusCode, body } : undefined)
  })
}

function keyOf({ method, headers }: FastifyRequest): string | undefined {
  const key = headers["idempotency-key"]
  if (method !== "POST" || key === undefined) return undefined
  if (typeof key !== "string" || key === "" || key.length > LONGEST_KEY) throw new EngineError("invalid_request", `An Idempotency-Key has 1 to ${LONGEST_KEY} characters.`)
  return key
}

/** A reply of ours: always a JSON object. */
function documentOf(payload: string): object {
  const parsed: unknown = JSON.parse(payload)
  if (typeof parsed !== "object" || parsed === null) throw new TypeError("A remembered reply must be an object.")
  return parsed
}

/** What makes two requests the same. Only a digest of the body, which may hold secrets. */
function describe({ method, url, body }: FastifyRequest): string {
  const digest = createHash("sha256").update(Buffer.isBuffer(body) ? body : JSON.stringify(body ?? null)).digest("hex")
  return `${method} ${url} ${digest}`
}
