import { dsourceRoutes } from "./dsources.ts"
import type { Operation } from "./endpoints.ts"
import { engineRoutes } from "./engine.ts"
import { environmentRoutes } from "./environments.ts"
import { jobRoutes } from "./jobs.ts"
import { pluginRoutes } from "./plugins.ts"
import { poolRoutes } from "./pools.ts"
import type { BodyOf, ParamsOf, QueryOf, ReplyOf, RouteSchemas } from "./route.ts"
import { snapshotRoutes } from "./snapshots.ts"
import { vdbRoutes } from "./vdbs.ts"

/** The contract: the schemas of every operation. Validation, serialisation, documentation and the client come from it. */
export const routes = {
  ...engineRoutes, ...pluginRoutes, ...poolRoutes, ...environmentRoutes, ...dsourceRoutes, ...snapshotRoutes, ...vdbRoutes, ...jobRoutes,
} satisfies Record<Operation, RouteSchemas>

export type Routes = typeof routes

/** The operations that answer with one JSON document. */
export type Call = { [K in Operation]: Routes[K] extends { stream: true } ? never : K }[Operation]

export type Params<K extends Operation> = ParamsOf<Routes[K]>
export type Query<K extends Operation> = QueryOf<Routes[K]>
export type Body<K extends Operation> = BodyOf<Routes[K]>
export type Reply<K extends Operation> = ReplyOf<Routes[K]>
