import type { Command } from "commander"
import { confirm } from "../ask.ts"
import { finish } from "../jobs/follow.ts"
import { everything } from "../session.ts"
import { describe } from "../text/describe.ts"
import { ago } from "../text/format.ts"
import { idColumn, stateColumn } from "./columns.ts"
import { asks, startsJob, verb } from "./command.ts"

/** `veneer snapshot …` */
export function addSnapshotCommands(noun: Command): void {
  verb<{ dsource?: string; vdb?: string }>(noun, "list", "list snapshots, newest first", async (session) => {
    const { dsource, vdb } = session.options
    const client = await session.client()
    const filter = { ...(dsource !== undefined && { dsource }), ...(vdb !== undefined && { vdb }) }
    session.output.list(await everything((page) => client.listSnapshots({ query: { ...page, ...filter } })), {
      idOf: ({ id }) => id, none: "There is no snapshot.",
      columns: [
        { head: "OF", cell: ({ owner }) => owner.name },
        { head: "KIND", cell: ({ owner }) => owner.kind, whole: true },
        stateColumn(session.output),
        { head: "TAKEN", cell: ({ takenAt }) => ago(takenAt), whole: true },
        idColumn,
      ],
    })
  }).option("--dsource <name>", "only of this dSource").option("--vdb <name>", "only of this VDB")
  verb(noun, "show <id>", "show a snapshot", async (session, id = "") => {
    const client = await session.client()
    const snapshot = await client.showSnapshot({ params: { id } })
    session.output.result(snapshot, { id: snapshot.id, text: () => describe(snapshot) })
  })
  asks(startsJob(verb(noun, "delete <id>", "delete a snapshot that no VDB came from", async (session, id = "") => {
    await confirm(`Delete snapshot ${id}?`, session.options.yes)
    const client = await session.client()
    await finish(session, await client.deleteSnapshot({ params: { id } }), { id, document: (job) => job, text: () => `Snapshot ${id} is deleted.` })
  })))
}
