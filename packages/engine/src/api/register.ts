import type { FastifyInstance, FastifySchema, RouteShorthandOptions } from "fastify"
import type { ApiContext, Asked, Handlers } from "./context.ts"
import { BASE, endpointOf, type Operation } from "./contract/endpoints.ts"
import type { RouteSchemas } from "./contract/route.ts"
import { routes, type Call } from "./contract/routes.ts"
import { ProblemShape } from "./contract/shapes.ts"
import { dsourceHandlers } from "./routes/dsources.ts"
import { engineHandlers } from "./routes/engine.ts"
import { environmentHandlers } from "./routes/environments.ts"
import { jobHandlers } from "./routes/jobs.ts"
import { pluginHandlers } from "./routes/plugins.ts"
import { poolHandlers } from "./routes/pools.ts"
import { snapshotHandlers } from "./routes/snapshots.ts"
import { sourceHandlers } from "./routes/sources.ts"
import { followEvents, followJob, type Streaming, type StreamRequest } from "./routes/streams.ts"
import { vdbHandlers } from "./routes/vdbs.ts"
import { EventStream } from "./sse.ts"

/** The largest artifact that can be uploaded: 64 MiB. */
const ARTIFACT_LIMIT = 64 * 1024 * 1024

/** Puts every operation of the contract on the app. @param stopping aborted when the engine stops, which ends all streams */
export function registerRoutes(app: FastifyInstance, context: ApiContext, stopping: AbortSignal): void {
  const handlers: Handlers = {
    ...engineHandlers(context), ...pluginHandlers(context), ...poolHandlers(context), ...environmentHandlers(context), ...sourceHandlers(context),
    ...dsourceHandlers(context), ...snapshotHandlers(context), ...vdbHandlers(context), ...jobHandlers(context),
  }
  const streams: Record<Exclude<Operation, Call>, (asked: StreamRequest) => Promise<Streaming>> = {
    watchJob: (asked) => followJob(context, asked),
    watchEvents: (asked) => followEvents(context, asked),
  }
  for (const operation of Object.keys(routes).filter(isOperation)) {
    const route: RouteSchemas = routes[operation]
    const { method, path } = endpointOf(operation)
    const options = { method, url: BASE + path.replaceAll(/\{(\w+)\}/g, ":$1"), ...optionsOf(operation, route) }
    if (isStream(operation)) {
      app.route({ ...options, handler: async (request, reply) => {
        const lastEventId = request.headers["last-event-id"]
        const follow = await streams[operation]({ id: idOf(request.params), lastEventId: lastEventId === undefined ? undefined : String(lastEventId) })
        const stream = new EventStream(reply, stopping)
        await follow(stream).finally(() => stream.end())
      } })
    } else {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schemas a request is held against are those its handler's types are inferred from
      const handle = handlers[operation] as (asked: unknown) => Promise<unknown>
      app.route({ ...options, handler: async ({ params, query, body }, reply) => {
        const answer = await handle({ params, query, body } satisfies Record<keyof Asked<Call>, unknown>)
        return reply.code(route.status).send(answer)
      } })
    }
  }
}

const isOperation = (name: string): name is Operation => name in routes

/** The path parameter of a stream that has one. */
const idOf = (params: unknown): string => (typeof params === "object" && params !== null && "id" in params ? String(params.id) : "")

const isStream = (operation: Operation): operation is Exclude<Operation, Call> => "stream" in routes[operation]

function optionsOf(operation: Operation, route: RouteSchemas): RouteShorthandOptions {
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
  return { schema, config: { once: route.once === true, body: route.body !== undefined }, ...(route.bytes && { bodyLimit: ARTIFACT_LIMIT }) }
}

function responseOf({ status, reply, stream }: RouteSchemas): object {
  if (stream) return { description: "Server-sent events.", content: { "text/event-stream": { schema: { type: "string" } } } }
  if (!reply) return { description: "Done.", type: "null" }
  return { description: status === 202 ? "A job was started." : "Done.", content: { "application/json": { schema: reply } } }
}
