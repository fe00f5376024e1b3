import type { FastifySchema, RouteOptions } from "fastify"
import { BASE, endpointOf, type Operation } from "./contract/endpoints.ts"
import type { RouteSchemas } from "./contract/route.ts"
import { routes } from "./contract/routes.ts"
import { ProblemShape } from "./contract/shapes.ts"

/** The largest artifact that can be uploaded: 64 MiB. */
const ARTIFACT_LIMIT = 64 * 1024 * 1024

/** The name of every operation of the contract. */
export const operations: readonly Operation[] = Object.keys(routes).filter((name): name is Operation => name in routes)

/** The route of an operation, but for what handles it. */
export function describedRoute(operation: Operation): Omit<RouteOptions, "handler"> {
  const route: RouteSchemas = routes[operation]
  const { method, path } = endpointOf(operation)
  const schema: FastifySchema = {
    operationId: operation, tags: [route.tag], summary: route.summary,
    ...(route.params && { params: route.params }),
    ...(route.query && { querystring: route.query }),
    ...(route.body && { body: route.body }),
    ...(route.bytes && { body: { content: { "application/octet-stream": { schema: {} } } } }),
    response: {
      [route.status]: responseOf(route),
      default: { description: "What went wrong.", content: { "application/problem+json": { schema: ProblemShape } } },
    },
  }
  return {
    method, url: BASE + path.replaceAll(/\{(\w+)\}/g, ":$1"), schema,
    config: { once: route.once === true, body: route.body !== undefined },
    ...(route.bytes && { bodyLimit: ARTIFACT_LIMIT }),
  }
}

function responseOf({ status, reply, stream }: RouteSchemas): object {
  if (stream) return { description: "Server-sent events.", content: { "text/event-stream": { schema: { type: "string" } } } }
  if (!reply) return { description: "Done.", type: "null" }
  return { description: status === 202 ? "A job was started." : "Done.", content: { "application/json": { schema: reply } } }
}
