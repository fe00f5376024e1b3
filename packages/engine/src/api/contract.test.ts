import { Ajv2020 } from "ajv/dist/2020.js"
import addFormats from "ajv-formats"
import type { FastifyInstance } from "fastify"
import { SerializerSelector } from "@fastify/fast-json-stringify-compiler"
import { afterAll, beforeAll, expect, it } from "vitest"
import { endpoints } from "./contract/endpoints.ts"
import type { RouteSchemas } from "./contract/route.ts"
import { routes } from "./contract/routes.ts"
import { createDocumentation } from "./documentation.ts"

interface Operation {
  operationId?: string
  parameters?: { in: string; name: string; required?: boolean; schema: object }[]
  requestBody?: { content: Record<string, { schema: object }> }
  responses: Record<string, { description?: string; content?: Record<string, { schema: object }> }>
}
interface OpenApi {
  openapi: string
  info: { title: string; version: string }
  paths: Record<string, Record<string, Operation>>
}

let documentation: FastifyInstance
let document: OpenApi
beforeAll(async () => {
  documentation = await createDocumentation("0.1.0", () => undefined)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the tests hold it to that shape
  document = documentation.swagger() as unknown as OpenApi
})
afterAll(() => documentation.close())

const operations = () => Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })))

it("documents every operation of the contract, and nothing else", () => {
  expect(document.openapi).toBe("3.1.0")
  const documented = Object.fromEntries(operations().map(({ path, method, operation }) => [operation.operationId, `${method.toUpperCase()} ${path.replace("/api/v1", "")}`]))
  expect(documented).toEqual(endpoints)
})

it("declares every path parameter that a path has", () => {
  for (const { path, operation } of operations()) {
    const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === "path")
    const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
    expect([path, ...declared.map(({ name }) => name)]).toEqual([path, ...named])
    expect(declared.every(({ required }) => required === true)).toBe(true)
  }
})

it("holds only schemas that JSON Schema 2020-12 knows, with a described success and problem each", () => {
  const ajv = new Ajv2020({ strict: true, allErrors: true })
  addFormats.default(ajv)
  for (const { path, operation } of operations()) {
    const responses = Object.entries(operation.responses)
    expect([path, ...responses.map(([status]) => status)]).toEqual([path, expect.stringMatching(/^20[0124]$/), "default"])
    const contents = [operation.requestBody?.content ?? {}, ...responses.map(([, { content }]) => content ?? {})].flatMap((content) => Object.values(content))
    for (const schema of [...(operation.parameters ?? []), ...contents].map((part) => part.schema)) expect(() => ajv.compile(schema)).not.toThrow()
    expect(responses.every(([, { description }]) => description)).toBe(true)
  }
})

it("has a serializer for every reply", () => {
  const compile = SerializerSelector()({})
  for (const [operation, { reply }] of Object.entries<RouteSchemas>(routes)) {
    expect(() => reply && compile({ schema: reply, method: "GET", url: operation, httpStatus: "200" })).not.toThrow()
  }
})
