import { once } from "node:events"
import { chmod, rm } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import type { FastifyInstance } from "fastify"
import { EngineError } from "../errors.ts"
import { refuseClient } from "./problems.ts"

/** How long a request may take to arrive. */
export const REQUEST_TIMEOUT_MS = 120_000

/** Where a server accepts requests. */
export interface Addresses {
  host: string
  /** 0 has one chosen. */
  port: number
  /** Absolute path of a Unix socket; what a dead engine left there is replaced. */
  socket?: string | undefined
}

export interface Listening {
  url: string
  /** Closes the socket; the app closes its own server. */
  close(): Promise<void>
}

/** Opens both doors of one app. */
export async function listen(app: FastifyInstance, { host, port, socket }: Addresses): Promise<Listening> {
  const url = await app.listen({ host, port }).catch((cause: unknown) => {
    if (!isErrno(cause, "EADDRINUSE")) throw cause
    throw new EngineError("port_taken", `Something else listens on ${host}:${port}.`, { action: "Give another address with --listen, or end what is there.", cause })
  })
  const second = socket === undefined ? undefined : await listenOnSocket(app, socket)
  return {
    url,
    close: async () => {
      if (!second) return
      second.close()
      second.closeAllConnections()
      if (second.listening) await once(second, "close")
    },
  }
}

async function listenOnSocket(app: FastifyInstance, path: string): Promise<Server> {
  await rm(path, { force: true })
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => app.routing(request, response))
  server.on("clientError", refuseClient)
  server.listen(path)
  await once(server, "listening")
  // A token is needed here as well; the mode is the second lock.
  await chmod(path, 0o600)
  return server
}

const isErrno = (thrown: unknown, code: string): boolean => thrown instanceof Error && "code" in thrown && thrown.code === code
