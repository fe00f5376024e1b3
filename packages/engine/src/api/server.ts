import { fastify, type FastifyInstance } from "fastify"
import { sql } from "kysely"
import type { TokenRecord } from "../catalog/tokens.ts"
import { EngineError } from "../errors.ts"
import { authenticate } from "./auth.ts"
import type { ApiContext } from "./context.ts"
import { document, DOCUMENTATION } from "./documentation.ts"
import { rememberReplies } from "./idempotency.ts"
import { listen, REQUEST_TIMEOUT_MS, type Addresses, type Listening } from "./listen.ts"
import { answerTo, refuseClient, sendProblem } from "./problems.ts"
import { registerRoutes } from "./register.ts"
import { checkText, createValidatorCompiler } from "./validation.ts"

/** The largest JSON body: 1 MiB. */
const BODY_LIMIT = 1024 * 1024
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
  /** Told of what nobody foresaw. */
  report(thrown: unknown): void
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
export async function createServer(options: ServerOptions): Promise<Server> {
  const { engine, about } = options
  const answer = (thrown: unknown, requestId: string) => {
    const answered = answerTo(thrown, requestId)
    if (answered.unforeseen) options.report(new Error(`Request ${requestId} failed.`, { cause: thrown }))
    return answered
  }
  const app = fastify({
    bodyLimit: BODY_LIMIT, requestTimeout: REQUEST_TIMEOUT_MS, forceCloseConnections: true, exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 500 },
    frameworkErrors: (error, request, reply) => void sendProblem(reply, answer(error, request.id)),
    clientErrorHandler: refuseClient,
  })
  const stopping = new AbortController()
  app.addHook("preClose", async () => stopping.abort())
  app.setValidatorCompiler(createValidatorCompiler())
  app.setErrorHandler((thrown, request, reply) => sendProblem(reply, answer(thrown, request.id)))
  app.setNotFoundHandler(({ method, url, id }, reply) => sendProblem(reply, answer(new EngineError("not_found", `There is no ${method} ${url.split("?")[0]}.`), id)))
  app.addContentTypeParser("application/octet-stream", { parseAs: "buffer" }, (_request, body, done) => done(null, body))

  app.decorateRequest("caller", undefined)
  app.addHook("onRequest", async (request, reply) => {
    void reply.header("cache-control", "no-store")
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

  await document(app, about.version)
  app.get("/healthz", { schema: { hide: true } }, () => ({ status: "ok" }))
  app.get("/readyz", { schema: { hide: true } }, async () => {
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
