import { Type, type Static } from "typebox"
import type { RouteSchemas } from "./route.ts"
import { Bytes, IdParams, page, Paging, ProblemShape, strict, Time } from "./shapes.ts"

/** Copy-on-write storage. */
export const PoolShape = Type.Object({
  name: Type.String(),
  driver: Type.String(),
  device: Type.Optional(Type.String()),
  sizeBytes: Type.Optional(Bytes),
  createdAt: Time,
  capacity: Type.Optional(Type.Object({ totalBytes: Bytes, freeBytes: Bytes })),
  problem: Type.Optional(ProblemShape),
})
export type Pool = Static<typeof PoolShape>

const DriverShape = Type.Object({ driver: Type.String(), lacks: Type.Optional(Type.String({ description: "Why it can't be used on this machine." })) })
export type PoolDriver = Static<typeof DriverShape>

export const poolRoutes = {
  listPoolDrivers: { tag: "pools", summary: "List the storage drivers this machine offers, best first.", status: 200, reply: page(DriverShape) },
  listPools: { tag: "pools", summary: "List pools with what is free in them.", query: Type.Object(Paging), status: 200, reply: page(PoolShape) },
  createPool: {
    tag: "pools", summary: "Create a pool.", status: 201, reply: PoolShape,
    body: Type.Object(
      {
        name: Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,31}$", description: "Lower-case letters, digits and dashes." }),
        driver: Type.Optional(Type.String({ minLength: 1, maxLength: 63, description: "The best one this machine offers unless told." })),
        device: Type.Optional(Type.String({ pattern: "^/dev/", maxLength: 4096, description: "A block device; all that is on it is lost." })),
        sizeBytes: Type.Optional(Type.Integer({ minimum: 1, description: "Size of the file used when no device is given." })),
      },
      strict,
    ),
  },
  showPool: { tag: "pools", summary: "Show a pool with what is free in it.", params: IdParams, status: 200, reply: PoolShape },
} satisfies Record<string, RouteSchemas>

