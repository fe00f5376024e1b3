import { SerializerSelector } from "@fastify/fast-json-stringify-compiler"
import type { FastifySerializerCompiler } from "fastify"
import { lazily } from "./lazily.ts"

/** Compiles the contract's replies, each for its first use: what a reply's schema doesn't name is left out of it. */
export function createSerializerCompiler(): FastifySerializerCompiler<unknown> {
  const compile = lazily(() => SerializerSelector()({}))
  return ({ schema, method, url, httpStatus = "" }) => lazily(() => compile({ schema, method, url, httpStatus }))
}
