import type { PortRequest } from "@veneer/sdk"
import type { Catalog } from "../catalog/catalog.ts"
import { insertPort, listPorts } from "../catalog/ports.ts"
import type { Hosts } from "../environments/port.ts"
import { EngineError } from "../errors.ts"
import type { CallContext } from "../plugins/port.ts"

const LOWEST = 1
const HIGHEST = 65535

/**
 * Promises a TCP port on a host to a dSource or VDB: one nobody listens on and nobody else was promised. Asked again
 * with the same label it gives the same port.
 */
export async function reservePort(catalog: Catalog, hosts: Hosts, { environment, owner }: CallContext, { label, port, range }: PortRequest & { range: readonly [number, number] }): Promise<number> {
  if (owner === undefined) throw new EngineError("plugin_failed", "A port was asked for outside the life of a dSource or VDB.")
  const records = await listPorts(catalog, environment.id)
  const promised = records.find((record) => record.owner === owner && record.label === label)?.port
  if (promised !== undefined && (port === undefined || port === promised)) return promised
  const take = (candidate: number) => insertPort(catalog, { environmentId: environment.id, port: candidate, owner, label })
  const host = hosts.host(environment)
  if (port !== undefined) {
    if (!Number.isInteger(port) || port < LOWEST || port > HIGHEST) throw new EngineError("port_taken", `${port} is no TCP port.`, { action: `Give a port from ${LOWEST} to ${HIGHEST}.` })
    if (!(await host.isPortFree(port)) || !(await take(port))) throw new EngineError("port_taken", `Port ${port} on "${environment.name}" is taken.`)
    return port
  }
  const others = new Set(records.map((record) => record.port))
  const [from, to] = range
  for (let candidate = from; candidate <= to; candidate++) {
    if (!others.has(candidate) && (await host.isPortFree(candidate)) && (await take(candidate))) return candidate
  }
  throw new EngineError("no_free_port", `No port from ${from} to ${to} is free on "${environment.name}".`)
}
