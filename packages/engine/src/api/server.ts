import type { FastifyInstance } from "fastify"
import { sql } from "kysely"
import type { TokenRecord } from "../catalog/tokens.ts"
import { createApp, type Report } from "./app.ts"
import { authenticate } from "./auth.ts"
import type { ApiContext } from "./context.ts"
import { DOCUMENTATION, serveDocumentation } from "./documentation.ts"
import { rememberReplies } from "./idempotency.ts"
import { listen, type Addresses, type Listening } from "./listen.ts"
import { registerRoutes } from "./register.ts"
import { checkText } from "./validation.ts"

/** Paths that need no token. */
const OPEN = new Set(["/healthz", "/readyz"])

declare module "fastify" {
  interface FastifyRequest {
    /** Whose token the request carries; undefined on what needs none. */
    caller: TokenRecord | undefined
  }
  interface FastifyContextConfig {
    /** The reply holds a secret that is shown once. */
    once?: boolean
    /** The route takes a JSON body; leaving it out is sending `{}`. */
    body?: boolean
  }
}

export interface ServerOptions extends ApiContext {
  report: Report
}

/** The engine's HTTP server. */
export interface Server {
  /** For tests, and for whoever serves more on the same port. */
  readonly app: FastifyInstance
  /** Accepts requests on TCP and on a Unix socket. @throws EngineError `port_taken` */
  listen(addresses: Addresses): Promise<{ url: string }>
  /** Ends all streams and requests under way. */
  close(): Promise<void>
}

/** Builds the server with every route of the contract. Nothing listens yet. */
export function createServer(options: ServerOptions): Server {
  const { engine, about, report } = options
  const app = createApp(report)
  const stopping = new AbortController()
  app.addHook("preClose", async () => stopping.abort())
  app.addContentTypeParser("application/octet-stream", { parseAs: "buffer" }, (_request, body, done) => done(null, body))

  app.decorateRequest("caller", undefined)
  app.addHook("onRequest", async (request, reply) => {
    if (OPEN.has(request.url)) return
    request.caller = await authenticate(engine.catalog, request).catch((thrown: unknown) => {
      // A browser then asks for the token itself, as the password.
      if (request.url.startsWith(DOCUMENTATION)) void reply.header("www-authenticate", `Basic realm="Veneer: any name, the token as password"`)
      throw thrown
    })
  })
  app.addHook("preValidation", async (request) => {
    if (request.routeOptions.config.body === true) request.body ??= {}
    for (const part of [request.params, request.query, request.body]) checkText(part)
  })
  rememberReplies(app, engine.catalog)

  serveDocumentation(app, about.version, report)
  app.get("/healthz", () => ({ status: "ok" }))
  app.get("/readyz", async () => {
    await sql`select 1`.execute(engine.catalog.db)
    return { status: "ready" }
  })
  registerRoutes(app, options, stopping.signal)
  let listening: Listening | undefined
  return {
    app,
    listen: async (addresses) => {
      listening = await listen(app, addresses)
      return { url: listening.url }
    },
    close: async () => {
      stopping.abort()
      await listening?.close()
      await app.close()
    },
  }
}
