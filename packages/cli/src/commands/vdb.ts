import type { Client, Job } from "@veneer/engine/client"
import type { Command } from "commander"
import { confirm } from "../ask.ts"
import { finish } from "../jobs/follow.ts"
import { everything, type Session } from "../session.ts"
import { cleanLine } from "../text/clean.ts"
import { describe } from "../text/describe.ts"
import { createdColumn, environmentColumn, idColumn, nameColumn, stateColumn } from "./columns.ts"
import { asks, startsJob, takesHooks, takesParameters, verb } from "./command.ts"
import { connect, printUrl, type UrlOptions } from "./vdb-access.ts"
import { createEmpty, provision, type CreateOptions, type ProvisionOptions } from "./vdb-make.ts"

const AT = "`latest`, a time with its zone, or a snapshot's id"

/** `veneer vdb …` */
export function addVdbCommands(noun: Command): void {
  takesHooks(takesParameters(startsJob(verb<ProvisionOptions>(noun, "provision <name>", "make a VDB from a snapshot", provision)
    .requiredOption("--from <name>", "a dSource, a VDB or a snapshot's id")
    .option("--at <point>", AT)
    .option("--environment <name>", "where it runs; where its parent is unless told")
    .option("--repository <name>", "with which software, where several fit"))))
  takesHooks(takesParameters(startsJob(verb<CreateOptions>(noun, "create <name>", "make a VDB that begins empty", createEmpty)
    .requiredOption("--plugin <id>", "what it is")
    .requiredOption("--environment <name>", "where it runs")
    .option("--repository <name>", "with which software, where several fit")
    .option("--pool <name>", "pool to keep it in"))))
  addLooks(noun)
  startsJob(verb(noun, "start <name>", "start it", (session, id = "") => act(session, "runs", (client) => client.startVdb({ params: { id } }))))
  startsJob(verb(noun, "stop <name>", "stop it; it stays attached", (session, id = "") => act(session, "is stopped", (client) => client.stopVdb({ params: { id } }))))
  startsJob(verb(noun, "enable <name>", "attach and start it again", (session, id = "") => act(session, "is enabled", (client) => client.enableVdb({ params: { id } }))))
  startsJob(verb(noun, "disable <name>", "stop and detach it without deleting it", (session, id = "") => act(session, "is disabled", (client) => client.disableVdb({ params: { id } }))))
  startsJob(verb(noun, "snapshot <name>", "take a snapshot of it", (session, id = "") => act(session, "has a new snapshot", (client) => client.snapshotVdb({ params: { id } }))))
  startsJob(verb<{ at?: string }>(noun, "refresh <name>", "replace its content from its parent", (session, id = "") =>
    act(session, "is refreshed", (client) => client.refreshVdb({ params: { id }, body: pointOf(session.options.at) })))).option("--at <point>", AT)
  startsJob(verb<{ to?: string }>(noun, "rewind <name>", "return it to its own earlier point", (session, id = "") =>
    act(session, "is rewound", (client) => client.rewindVdb({ params: { id }, body: pointOf(session.options.to) })))).option("--to <point>", AT)
  asks(startsJob(verb<{ force?: boolean }>(noun, "delete <name>", "delete it with its snapshots", async (session, id = "") => {
    await confirm(`Delete VDB "${id}" with its snapshots?`, session.options.yes)
    const force = session.options.force === true
    await act(session, "is deleted", (client) => client.deleteVdb({ params: { id }, query: { force } }))
  }).option("--force", "go on where its plugin or host fails")))
}

function addLooks(noun: Command): void {
  verb(noun, "list", "list VDBs", async (session) => {
    const client = await session.client()
    session.output.list(await everything((query) => client.listVdbs({ query })), {
      idOf: ({ id }) => id, none: "There is no VDB. Make one: veneer vdb provision <name> --from <dSource>",
      columns: [nameColumn, stateColumn(session.output), { head: "FROM", cell: ({ parent }) => parent?.name ?? "" }, environmentColumn, createdColumn, idColumn],
    })
  })
  verb(noun, "show <name>", "show a VDB", async (session, id = "") => {
    const client = await session.client()
    const vdb = await client.showVdb({ params: { id } })
    session.output.result(vdb, { id: vdb.id, text: () => describe(vdb) })
  })
  verb(noun, "status <name>", "ask how it is right now", async (session, id = "") => {
    const client = await session.client()
    const health = await client.showVdbStatus({ params: { id } })
    session.output.result(health, { id: undefined, text: () => describe(health) })
  })
  verb(noun, "usage <name>", "measure the storage it takes", async (session, id = "") => {
    const client = await session.client()
    const usage = await client.showVdbUsage({ params: { id } })
    session.output.result(usage, { id: undefined, text: () => describe(usage) })
  })
  verb<UrlOptions>(noun, "url <name>", "print its URL, ready to paste", printUrl).option("--wait <seconds>", "while it is being made, wait for so long")
  verb(noun, "connect <name>", "open a client on it", connect)
}

const pointOf = (at: string | undefined) => (at === undefined ? {} : { at })

async function act(session: Session, done: string, start: (client: Client) => Promise<Job>): Promise<void> {
  const job = await start(await session.client())
  await finish(session, job, { id: job.subject.id, document: (ended) => ended, text: () => cleanLine(`VDB "${job.subject.name}" ${done}.`) })
}
