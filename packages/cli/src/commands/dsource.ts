import { UsageError } from "../errors.ts"
import type { Command } from "commander"
import type { Client, Job } from "@veneer/engine/client"
import { confirm } from "../ask.ts"
import { finish } from "../jobs/follow.ts"
import { collect, collectHooks, type ParameterOptions } from "../params/collect.ts"
import { everything, type Session } from "../session.ts"
import { cleanLine } from "../text/clean.ts"
import { describe } from "../text/describe.ts"
import { createdColumn, environmentColumn, idColumn, nameColumn, sizeOf, stateColumn } from "./columns.ts"
import { asks, startsJob, takesHooks, takesParameters, verb } from "./command.ts"

interface LinkOptions extends ParameterOptions {
  source: string
  environment?: string
  staging?: string
  pool?: string
  hook?: string[]
}

/** `veneer dsource …` */
export function addDsourceCommands(noun: Command): void {
  takesHooks(takesParameters(startsJob(verb<LinkOptions>(noun, "link <name>", "ingest a source for the first time", link)
    .requiredOption("--source <name>", "name or id of a source (see `veneer source list`)")
    .option("--environment <name>", "look for the source there only")
    .option("--staging <name>", "staging environment; the source's own unless told")
    .option("--pool <name>", "pool to keep it in"))))
  verb(noun, "list", "list dSources", async (session) => {
    const client = await session.client()
    session.output.list(await everything((query) => client.listDsources({ query })), {
      idOf: ({ id }) => id, none: "There is no dSource. Link one: veneer dsource link <name> --source <name>",
      columns: [
        nameColumn, stateColumn(session.output), { head: "SOURCE", cell: ({ sourceConfig }) => sourceConfig.name }, environmentColumn,
        { head: "SIZE", cell: ({ sizeBytes }) => sizeOf(sizeBytes), right: true }, createdColumn, idColumn,
      ],
    })
  })
  verb(noun, "show <name>", "show a dSource", async (session, id = "") => {
    const client = await session.client()
    const dsource = await client.showDsource({ params: { id } })
    session.output.result(dsource, { id: dsource.id, text: () => describe(dsource) })
  })
  takesParameters(startsJob(verb<ParameterOptions & { resync?: boolean }>(noun, "sync <name>", "bring it up to date and take a snapshot", sync))).option("--resync", "start over")
  startsJob(verb(noun, "enable <name>", "attach it again", (session, id = "") => act(session, "is enabled", (client) => client.enableDsource({ params: { id } }))))
  startsJob(verb(noun, "disable <name>", "detach it without deleting it", (session, id = "") => act(session, "is disabled", (client) => client.disableDsource({ params: { id } }))))
  asks(startsJob(verb<{ force?: boolean }>(noun, "unlink <name>", "delete it with its snapshots", async (session, id = "") => {
    await confirm(`Delete dSource "${id}" with its snapshots?`, session.options.yes)
    const force = session.options.force === true
    await act(session, "is deleted", (client) => client.deleteDsource({ params: { id }, query: { force } }))
  }).alias("delete").option("--force", "go on where its plugin or host fails")))
  verb(noun, "status <name>", "ask how its staging is right now", async (session, id = "") => {
    const client = await session.client()
    const health = await client.showDsourceStatus({ params: { id } })
    session.output.result(health, { id: undefined, text: () => describe(health) })
  })
  verb(noun, "usage <name>", "measure the storage it takes", async (session, id = "") => {
    const client = await session.client()
    const usage = await client.showDsourceUsage({ params: { id } })
    session.output.result(usage, { id: undefined, text: () => describe(usage) })
  })
}

async function link(session: Session<LinkOptions>, name = ""): Promise<void> {
  const { source, environment, staging, pool, hook } = session.options
  const client = await session.client()
  const sources = await everything((page) => client.listSourceConfigs({ query: { ...page, ...(environment !== undefined && { environment }) } }))
  const meant = sources.filter((config) => config.id === source || config.name === source)
  if (meant.length === 0) throw new UsageError(`There is no source "${source}"${environment === undefined ? "" : ` on environment "${environment}"`}.`, "See `veneer source list`; `veneer environment refresh` looks again.")
  const plugin = await client.showPlugin({ params: { id: meant[0]?.plugin ?? "" } })
  const parameters = await collect(session.options, plugin.schemas.linkedSource)
  const { dsource, job } = await client.linkDsource({
    body: {
      name, source, parameters, hooks: await collectHooks(hook),
      ...(environment !== undefined && { environment }), ...(staging !== undefined && { staging }), ...(pool !== undefined && { pool }),
    },
  })
  await finish(session, job, {
    id: dsource.id, text: () => cleanLine(`dSource "${dsource.name}" is linked.`),
    document: async (ended) => ({ dsource: await client.showDsource({ params: { id: dsource.id } }), job: ended }),
  })
}

async function sync(session: Session<ParameterOptions & { resync?: boolean }>, id = ""): Promise<void> {
  const client = await session.client()
  const { param, params, resync = false } = session.options
  const given = param !== undefined || params !== undefined
  const dsource = given ? await client.showDsource({ params: { id } }) : undefined
  const plugin = dsource && (await client.showPlugin({ params: { id: dsource.plugin } }))
  const parameters = plugin && (await collect(session.options, plugin.schemas.snapshotParameters))
  await act(session, "is in sync", () => client.syncDsource({ params: { id }, body: { resync, ...(parameters && { parameters }) } }))
}

async function act(session: Session, done: string, start: (client: Client) => Promise<Job>): Promise<void> {
  const job = await start(await session.client())
  await finish(session, job, { id: job.subject.id, document: (ended) => ended, text: () => cleanLine(`dSource "${job.subject.name}" ${done}.`) })
}
