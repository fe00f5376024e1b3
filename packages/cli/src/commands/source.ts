import type { Command } from "commander"
import { everything, type Session } from "../session.ts"
import { describe } from "../text/describe.ts"
import { environmentColumn, idColumn, nameColumn, pluginColumn } from "./columns.ts"
import { verb } from "./command.ts"

interface Filter {
  environment?: string
  plugin?: string
}

const filterOf = ({ options: { environment, plugin } }: Session<Filter>) => ({ ...(environment !== undefined && { environment }), ...(plugin !== undefined && { plugin }) })

const filters = (command: Command): Command => command.option("--environment <name>", "only of this environment").option("--plugin <id>", "only of this plugin")

/** `veneer repository …` */
export function addRepositoryCommands(noun: Command): void {
  filters(verb<Filter>(noun, "list", "list the software found", async (session) => {
    const client = await session.client()
    session.output.list(await everything((page) => client.listRepositories({ query: { ...page, ...filterOf(session) } })), {
      idOf: ({ id }) => id, none: "Nothing was found. Discover again: veneer environment refresh <name>",
      columns: [nameColumn, pluginColumn, environmentColumn, { head: "GONE", cell: ({ vanishedAt }) => (vanishedAt === undefined ? "" : "yes") }, idColumn],
    })
  }))
  verb(noun, "show <id>", "show a repository", async (session, id = "") => {
    const client = await session.client()
    const repository = await client.showRepository({ params: { id } })
    session.output.result(repository, { id: repository.id, text: () => describe(repository) })
  })
}

/** `veneer source …`: source configs. */
export function addSourceCommands(noun: Command): void {
  filters(verb<Filter>(noun, "list", "list the bodies of data found", async (session) => {
    const client = await session.client()
    session.output.list(await everything((page) => client.listSourceConfigs({ query: { ...page, ...filterOf(session) } })), {
      idOf: ({ id }) => id, none: "Nothing was found. Discover again: veneer environment refresh <name>",
      columns: [nameColumn, { head: "REPOSITORY", cell: ({ repository }) => repository.name }, environmentColumn, idColumn],
    })
  }))
  verb(noun, "show <name>", "show a source", async (session, id = "") => {
    const client = await session.client()
    const source = await client.showSourceConfig({ params: { id } })
    session.output.result(source, { id: source.id, text: () => describe(source) })
  })
}
