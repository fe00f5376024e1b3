import swagger from "@fastify/swagger"
import swaggerUi from "@fastify/swagger-ui"
import type { FastifyInstance } from "fastify"
import { BASE } from "./contract/endpoints.ts"

/** Where the browsable page is. */
export const DOCUMENTATION = "/api/docs"

/** Makes OpenAPI 3.1 of all routes registered after it, and serves it with a page to browse it. */
export async function document(app: FastifyInstance, version: string): Promise<void> {
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
  app.get(`${BASE}/openapi.json`, { schema: { hide: true } }, () => app.swagger())
}
