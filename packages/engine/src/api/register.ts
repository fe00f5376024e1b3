import type { FastifyInstance } from "fastify"
import type { ApiContext, Asked, Handlers } from "./context.ts"
import type { Operation } from "./contract/endpoints.ts"
import { routes, type Call } from "./contract/routes.ts"
import { describedRoute, operations } from "./described.ts"
import { dsourceHandlers } from "./routes/dsources.ts"
import { engineHandlers } from "./routes/engine.ts"
import { environmentHandlers } from "./routes/environments.ts"
import { jobHandlers } from "./routes/jobs.ts"
import { pluginHandlers } from "./routes/plugins.ts"
import { poolHandlers } from "./routes/pools.ts"
import { snapshotHandlers } from "./routes/snapshots.ts"
import { sourceHandlers } from "./routes/sources.ts"
import { followEvents, followJob, followPluginLog, type Streaming, type StreamRequest } from "./routes/streams.ts"
import { vdbHandlers } from "./routes/vdbs.ts"
import { EventStream } from "./sse.ts"

/** Puts every operation of the contract on the app. @param stopping aborted when the engine stops, which ends all streams */
export function registerRoutes(app: FastifyInstance, context: ApiContext, stopping: AbortSignal): void {
  const handlers: Handlers = {
    ...engineHandlers(context), ...pluginHandlers(context), ...poolHandlers(context), ...environmentHandlers(context), ...sourceHandlers(context),
    ...dsourceHandlers(context), ...snapshotHandlers(context), ...vdbHandlers(context, stopping), ...jobHandlers(context),
  }
  const streams: Record<Exclude<Operation, Call>, (asked: StreamRequest) => Promise<Streaming>> = {
    watchJob: (asked) => followJob(context, asked),
    watchEvents: (asked) => followEvents(context, asked),
    watchPluginLogs: (asked) => followPluginLog(context, asked),
  }
  for (const operation of operations) {
    const options = describedRoute(operation)
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
        return reply.code(routes[operation].status).send(answer)
      } })
    }
  }
}

/** The path parameter of a stream that has one. */
const idOf = (params: unknown): string => (typeof params === "object" && params !== null && "id" in params ? String(params.id) : "")

const isStream = (operation: Operation): operation is Exclude<Operation, Call> => "stream" in routes[operation]
