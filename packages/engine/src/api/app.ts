import { fastify, type FastifyInstance } from "fastify"
import { EngineError } from "../errors.ts"
import { REQUEST_TIMEOUT_MS } from "./listen.ts"
import { answerTo, refuseClient, sendProblem } from "./problems.ts"
import { createSerializerCompiler } from "./serialization.ts"
import { createValidatorCompiler } from "./validation.ts"

/** The largest JSON body: 1 MiB. */
const BODY_LIMIT = 1024 * 1024

/** Told of what nobody foresaw. */
export type Report = (thrown: unknown) => void

/** An app without routes that answers whatever goes wrong with a problem, and whose answers nobody keeps. */
export function createApp(report: Report): FastifyInstance {
  const answer = (thrown: unknown, requestId: string) => {
    const answered = answerTo(thrown, requestId)
    if (answered.unforeseen) report(new Error(`Request ${requestId} failed.`, { cause: thrown }))
    return answered
  }
  const app = fastify({
    bodyLimit: BODY_LIMIT, requestTimeout: REQUEST_TIMEOUT_MS, forceCloseConnections: true, exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 500 },
    frameworkErrors: (error, request, reply) => void sendProblem(reply, answer(error, request.id)),
    clientErrorHandler: refuseClient,
  })
  app.setValidatorCompiler(createValidatorCompiler())
  app.setSerializerCompiler(createSerializerCompiler())
  app.setErrorHandler((thrown, request, reply) => sendProblem(reply, answer(thrown, request.id)))
  app.setNotFoundHandler(({ method, url, id }, reply) => sendProblem(reply, answer(new EngineError("not_found", `There is no ${method} ${url.split("?")[0]}.`), id)))
  app.addHook("onRequest", async (_request, reply) => {
    void reply.header("cache-control", "no-store")
  })
  return app
}
