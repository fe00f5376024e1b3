import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { createApp, type Report } from "./app.ts"
import { BASE } from "./contract/endpoints.ts"
import { describedRoute, operations } from "./described.ts"

/** Where the browsable page is. */
export const DOCUMENTATION = "/api/docs"

const OPENAPI = `${BASE}/openapi.json`

/**
 * Serves OpenAPI 3.1 of every operation, and a page to browse it. Both are an app of their own, made at the first request
 * for them: no engine starts later for what few are ever asked.
 */
export function serveDocumentation(app: FastifyInstance, version: string, report: Report): void {
  let making: Promise<FastifyInstance> | undefined
  const pass = async ({ raw }: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const documentation = await (making ??= createDocumentation(version, report))
    reply.hijack()
    documentation.routing(raw, reply.raw)
  }
  for (const url of [OPENAPI, DOCUMENTATION, `${DOCUMENTATION}/*`]) app.get(url, pass)
}

/** The app behind the documentation, ready to be asked. It knows every operation but handles none. */
export async function createDocumentation(version: string, report: Report): Promise<FastifyInstance> {
  const [{ default: swagger }, { default: swaggerUi }] = await Promise.all([import("@fastify/swagger"), import("@fastify/swagger-ui")])
  const app = createApp(report)
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Veneer", description: "Thin, writable, running copies of production databases.", version },
      servers: [{ url: "/" }],
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
      security: [{ token: [] }],
    },
    convertConstToEnum: false,
  })
  // The engine itself speaks plain HTTP, so nothing may be told to upgrade.
  await app.register(swaggerUi, { routePrefix: DOCUMENTATION, staticCSP: true, transformStaticCSP: (header) => header.replace(" upgrade-insecure-requests;", "") })
  app.get(OPENAPI, { schema: { hide: true } }, () => app.swagger())
  for (const operation of operations) app.route({ ...describedRoute(operation), handler: (_request, reply) => reply.callNotFound() })
  await app.ready()
  return app
}
