import { readFile } from "node:fs/promises"
import type { Client, Vdb } from "@veneer/engine/client"
import { succeeded } from "./engine.ts"
import type { Server } from "./server.ts"

const ARTIFACT = new URL("../../plugins/postgres/dist/postgres.veneer.tgz", import.meta.url)
export const ENVIRONMENT = "here"

/** Uploads the PostgreSQL plugin and discovers this machine. */
export async function prepare(client: Client): Promise<void> {
  await client.uploadPlugin({ body: await readFile(ARTIFACT) })
  await client.addEnvironment({ body: { name: ENVIRONMENT, kind: "local" } })
  await discover(client)
}

export async function discover(client: Client): Promise<void> {
  await succeeded(client, await client.refreshEnvironment({ params: { id: ENVIRONMENT } }))
}

/** What a link of a throwaway server asks for. */
export async function linkRequest(client: Client, server: Server, name: string, method: Record<string, unknown> = {}) {
  const { items } = await client.listSourceConfigs({ query: { environment: ENVIRONMENT, limit: 100 } })
  const source = items.find(({ definition }) => definition["port"] === server.port)
  if (!source) throw new Error(`discovery did not find port ${server.port} among ${JSON.stringify(items.map((item) => item.name))}`)
  return {
    name, source: source.id,
    parameters: { method: { type: "streaming", host: "127.0.0.1", username: server.replicator.username, password: server.replicator.password, ...method } },
  }
}

/** Links a server and waits until it is ingested. */
export async function link(client: Client, server: Server, name: string): Promise<void> {
  const { job } = await client.linkDsource({ body: await linkRequest(client, server, name) })
  await succeeded(client, job)
}

/** Provisions a VDB and waits until it is there. */
export async function provision(client: Client, name: string, from: string, parameters: Record<string, unknown> = {}): Promise<Vdb> {
  const { vdb, job } = await client.provisionVdb({ body: { name, from, parameters } })
  await succeeded(client, job)
  return client.showVdb({ params: { id: vdb.id } })
}

/** Where a VDB is reached, as its owner is told. */
export async function urlOf(client: Client, vdb: string, { database = "postgres", wait = 0 }: { database?: string; wait?: number } = {}): Promise<string> {
  const { url } = await client.showVdbAccess({ params: { id: vdb }, query: { wait } })
  if (url === undefined) throw new Error(`${vdb} has no URL`)
  return url.replace(/\/[^/]*$/, `/${encodeURIComponent(database)}`)
}
