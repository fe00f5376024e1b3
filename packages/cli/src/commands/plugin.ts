import type { Command } from "commander"
import { confirm } from "../ask.ts"
import { everything } from "../session.ts"
import { describe } from "../text/describe.ts"
import { clean } from "../text/clean.ts"
import { ago } from "../text/format.ts"
import { asks, verb } from "./command.ts"
import { nameColumn } from "./columns.ts"
import { addAuthorCommands } from "./plugin-author.ts"
import { addUploadCommands } from "./plugin-upload.ts"

/** `veneer plugin …`: of an engine's plugins, and for their authors. */
export function addPluginCommands(noun: Command): void {
  verb(noun, "list", "list plugins", async (session) => {
    const client = await session.client()
    session.output.list(await everything((query) => client.listPlugins({ query })), {
      idOf: ({ id }) => id, none: "No plugin is uploaded. Upload one: veneer plugin upload <file>",
      columns: [
        { head: "ID", cell: ({ id }) => id, whole: true }, nameColumn,
        { head: "VERSION", cell: ({ version }) => version },
        { head: "BUILD", cell: ({ buildNumber }) => buildNumber },
        { head: "MIGRATION", cell: ({ migrations }) => migrations.at(-1)?.id ?? "" },
        { head: "UPLOADED", cell: ({ uploadedAt }) => ago(uploadedAt), whole: true },
      ],
    })
  })
  verb(noun, "show <id>", "show a plugin with its schemas", async (session, id = "") => {
    const client = await session.client()
    const plugin = await client.showPlugin({ params: { id } })
    session.output.result(plugin, { id: plugin.id, text: () => describe({ ...plugin, migrations: plugin.migrations.map(({ id: number, kind }) => `${number} ${kind}`) }) })
  })
  addUploadCommands(noun)
  asks(verb(noun, "delete <id>", "delete a plugin that nothing uses", async (session, id = "") => {
    await confirm(`Delete plugin "${id}"?`, session.options.yes)
    const client = await session.client()
    await client.deletePlugin({ params: { id } })
    session.output.result({ id }, { id, text: () => `Plugin "${id}" is deleted.` })
  }))
  verb<{ follow?: boolean }>(noun, "logs <id>", "show what a plugin wrote outside any job", async (session, id = "") => {
    const client = await session.client()
    if (session.options.follow === true) {
      const { output } = session
      await client.watchPluginLogs(id, { onLine: (line) => output.print(output.json ? JSON.stringify({ line }) : clean(line)) })
      return
    }
    const logs = await client.readPluginLogs({ params: { id } })
    session.output.result(logs, { id: undefined, text: () => logs.lines.map(clean).join("\n") })
  }).option("-f, --follow", "go on with what it writes; with --json, a document a line")
  addAuthorCommands(noun)
}
