import { STATUS_CODES } from "node:http"
import type { Socket } from "node:net"
import type { FastifyReply } from "fastify"
import { catalogue, EngineError, problemOf, type Code, type Problem } from "../errors.ts"

export const PROBLEM_TYPE = "application/problem+json; charset=utf-8"

/** A plugin's own code is not in the catalogue; what it names is for the person who asked to mend. */
const PLUGIN_ERROR_STATUS = 422

/** What a failed request is answered with. */
export interface Answer {
  status: number
  problem: Problem
}

/** The answer to any thrown value; `unforeseen` when its own words must stay in the engine's log, since they may hold anything. */
export function answerTo(thrown: unknown, requestId: string): Answer & { unforeseen: boolean } {
  const problem = problemOf(ownError(thrown) ?? thrown)
  const status = isCode(problem.code) ? catalogue[problem.code].status : PLUGIN_ERROR_STATUS
  const unforeseen = problem.code === "internal"
  return unforeseen
    ? { status, unforeseen, problem: { code: "internal", message: `Request ${requestId} failed in a way nobody foresaw.`, action: catalogue.internal.action } }
    : { status, unforeseen, problem }
}

export function sendProblem(reply: FastifyReply, { status, problem }: Answer): FastifyReply {
  if (status === catalogue.unauthorized.status && !reply.hasHeader("www-authenticate")) void reply.header("www-authenticate", "Bearer")
  return reply.code(status).type(PROBLEM_TYPE).send(JSON.stringify(problem))
}

/** What fastify itself throws: a body too large, no JSON, an unknown media type. */
function ownError(thrown: unknown): EngineError | undefined {
  if (thrown instanceof EngineError || !(thrown instanceof Error) || !("statusCode" in thrown)) return undefined
  const { statusCode, message } = thrown
  if (statusCode === 413) return new EngineError("payload_too_large", message)
  if (typeof statusCode === "number" && statusCode < 500) return new EngineError("invalid_request", message, { action: "Correct the request and try again." })
  return undefined
}

const isCode = (code: string): code is Code => Object.hasOwn(catalogue, code)

/** Answers what isn't even HTTP, in the same form. */
export function refuseClient(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy()
    return
  }
  const status = error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : error.code === "HPE_HEADER_OVERFLOW" ? 431 : 400
  const body = JSON.stringify({ code: "invalid_request", message: "The request could not be read.", action: "Send a whole HTTP/1.1 request in time." })
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`)
}
