import { readFile } from "node:fs/promises"

const LISTEN = "0A"

/** TCP ports on which somebody listens on this machine, whatever the address. */
export async function listeningPorts(): Promise<Set<number>> {
  // Without IPv6 there is no second table.
  const tables = await Promise.all(["/proc/net/tcp", "/proc/net/tcp6"].map((path) => readFile(path, "utf8").catch(() => "")))
  return new Set(tables.flatMap(portsIn))
}

/** Lines read `sl local_address:port rem_address:port st …`, numbers in hex. */
function portsIn(table: string): number[] {
  return table.split("\n").slice(1).flatMap((line) => {
    const [, local, , state] = line.trim().split(/\s+/)
    return local !== undefined && state === LISTEN ? [Number.parseInt(local.slice(local.lastIndexOf(":") + 1), 16)] : []
  })
}
