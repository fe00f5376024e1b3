import { once } from "node:events"
import { createServer } from "node:net"

/**
 * Whether nobody listens on a TCP port of this machine, whatever the address: found out by listening on all of them for
 * a moment. The kernel's tables would tell, too, but reading them takes as long as all else that a port is chosen by.
 */
export async function isPortFree(port: number): Promise<boolean> {
  for (const host of ["::", "0.0.0.0"]) {
    const refusal = await refusalOf(host, port)
    if (refusal !== undefined && TAKEN.has(refusal)) return false
    if (refusal === undefined) return true
  }
  return true
}

/** Without IPv6, and without the right to a low port, there is nothing to find out that way. */
const TAKEN = new Set(["EADDRINUSE"])

async function refusalOf(host: string, port: number): Promise<string | undefined> {
  const server = createServer()
  try {
    server.listen({ host, port, exclusive: true })
    await once(server, "listening")
    return undefined
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error)
  } finally {
    server.close()
  }
}
