import type { IncomingMessage } from "node:http"
import http from "node:http"
import https from "node:https"
import type { Fetch, FetchResponse } from "@veneer/engine/client"

/**
 * Fetch by node's own HTTP client, over a Unix socket where one is given. The global fetch can't use sockets, and the
 * library that can takes longer to load than most commands take to run.
 */
export function createFetch(socket: string | undefined): Fetch {
  return (url, { method, headers, body, signal }) => {
    const target = new URL(socket === undefined ? url : url.replace(/^.*?(?=\/api\/)/, "http://engine"))
    const request = (target.protocol === "https:" ? https : http).request(target, {
      method, headers: { ...headers, connection: "close", ...(body !== undefined && { "content-length": Buffer.byteLength(body) }) },
      ...(socket !== undefined && { socketPath: socket }), ...(signal && { signal }),
    })
    return new Promise((resolve, reject) => {
      request.once("response", (response) => resolve(responseOf(response)))
      request.once("error", reject)
      request.end(body)
    })
  }
}

/** What a response without an encoding yields. */
const buffersOf = (response: IncomingMessage): AsyncIterable<Buffer> => response

function responseOf(response: IncomingMessage): FetchResponse {
  const status = response.statusCode ?? 0
  const chunks = buffersOf(response)[Symbol.asyncIterator]()
  return {
    ok: status >= 200 && status < 300, status,
    text: async () => {
      const all: Buffer[] = []
      for await (const chunk of buffersOf(response)) all.push(chunk)
      return Buffer.concat(all).toString("utf8")
    },
    body: {
      getReader: () => ({
        read: async () => {
          const { done, value } = await chunks.next()
          return done === true ? { done: true } : { done: false, value }
        },
        cancel: async () => response.destroy(),
      }),
    },
  }
}
