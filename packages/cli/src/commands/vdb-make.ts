import { VeneerError, type Client, type Job, type Vdb } from "@veneer/engine/client"
import { UsageError } from "../errors.ts"
import { finish } from "../jobs/follow.ts"
import { collect, collectHooks, type ParameterOptions } from "../params/collect.ts"
import type { Session } from "../session.ts"
import { cleanLine } from "../text/clean.ts"

export interface ProvisionOptions extends ParameterOptions {
  from: string
  at?: string
  environment?: string
  repository?: string
  hook?: string[]
}

export interface CreateOptions extends ParameterOptions {
  plugin: string
  environment: string
  repository?: string
  pool?: string
  hook?: string[]
}

/** Makes a VDB from a snapshot. */
export async function provision(session: Session<ProvisionOptions>, name = ""): Promise<void> {
  const { from, at, environment, repository, hook } = session.options
  const client = await session.client()
  const plugin = await client.showPlugin({ params: { id: await pluginOf(client, from) } })
  const parameters = await collect(session.options, plugin.schemas.virtualSource)
  const made = await client.provisionVdb({
    body: {
      name, from, parameters, hooks: await collectHooks(hook),
      ...(at !== undefined && { at }), ...(environment !== undefined && { environment }), ...(repository !== undefined && { repository }),
    },
  })
  await finishMade(session, client, made)
}

/** Makes a VDB that begins empty. */
export async function createEmpty(session: Session<CreateOptions>, name = ""): Promise<void> {
  const { plugin: id, environment, repository, pool, hook } = session.options
  const client = await session.client()
  const plugin = await client.showPlugin({ params: { id } })
  const parameters = await collect(session.options, plugin.schemas.virtualSource)
  const made = await client.createEmptyVdb({
    body: {
      name, plugin: id, environment, parameters, hooks: await collectHooks(hook),
      ...(repository !== undefined && { repository }), ...(pool !== undefined && { pool }),
    },
  })
  await finishMade(session, client, made)
}

function finishMade(session: Session, client: Client, { vdb, job }: { vdb: Vdb; job: Job }): Promise<void> {
  return finish(session, job, {
    id: vdb.id, text: () => cleanLine(`VDB "${vdb.name}" runs. Reach it: veneer vdb connect ${vdb.name}`),
    document: async (ended) => ({ vdb: await client.showVdb({ params: { id: vdb.id } }), job: ended }),
  })
}

/** The plugin of what a VDB is to come from, whose schema its parameters follow. */
async function pluginOf(client: Client, from: string): Promise<string> {
  const source = (await orNothing(client.showDsource({ params: { id: from } }))) ?? (await orNothing(client.showVdb({ params: { id: from } })))
  if (source) return source.plugin
  const snapshot = await orNothing(client.showSnapshot({ params: { id: from } }))
  if (!snapshot) throw new UsageError(`There is no dSource, VDB or snapshot "${from}".`, "See `veneer dsource list`, `veneer vdb list` and `veneer snapshot list`.")
  const { kind, id } = snapshot.owner
  return (await (kind === "dsource" ? client.showDsource({ params: { id } }) : client.showVdb({ params: { id } }))).plugin
}

async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (thrown) {
    if (thrown instanceof VeneerError && thrown.code === "not_found") return undefined
    throw thrown
  }
}
