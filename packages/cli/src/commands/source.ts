import type { Command } from "commander"
import { everything, type Session } from "../session.ts"
import { confirm } from "../ask.ts"
import { collect, type ParameterOptions } from "../params/collect.ts"
import { cleanLine } from "../text/clean.ts"
import { describe } from "../text/describe.ts"
import type { Column } from "../text/table.ts"
import { environmentColumn, idColumn, nameColumn, pluginColumn } from "./columns.ts"
import { asks, takesParameters, verb } from "./command.ts"

interface AddOptions extends ParameterOptions {
  environment: string
  plugin: string
  repository?: string
}

interface Filter {
  environment?: string
  plugin?: string
}

const goneColumn: Column<{ vanishedAt?: string | undefined }> = { head: "GONE", cell: ({ vanishedAt }) => (vanishedAt === undefined ? "" : "yes") }

const filterOf = ({ options: { environment, plugin } }: Session<Filter>) => ({ ...(environment !== undefined && { environment }), ...(plugin !== undefined && { plugin }) })

const filters = (command: Command): Command => command.option("--environment <name>", "only of this environment").option("--plugin <id>", "only of this plugin")

/** `veneer repository …` */
export function addRepositoryCommands(noun: Command): void {
  filters(verb<Filter>(noun, "list", "list the software found", async (session) => {
    const client = await session.client()
    session.output.list(await everything((page) => client.listRepositories({ query: { ...page, ...filterOf(session) } })), {
      idOf: ({ id }) => id, none: "Nothing was found. Discover again: veneer environment refresh <name>",
      columns: [nameColumn, pluginColumn, environmentColumn, goneColumn, idColumn],
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
      columns: [nameColumn, { head: "REPOSITORY", cell: ({ repository }) => repository.name }, environmentColumn, goneColumn, idColumn],
    })
  }))
  verb(noun, "show <name>", "show a source", async (session, id = "") => {
    const client = await session.client()
    const source = await client.showSourceConfig({ params: { id } })
    session.output.result(source, { id: source.id, text: () => describe(source) })
  })
  takesParameters(verb<AddOptions>(noun, "add", "enter a source by hand that discovery does not find", add)
    .requiredOption("--environment <name>", "where it is")
    .requiredOption("--plugin <id>", "whose source it is")
    .option("--repository <name>", "what serves it, where several fit (see `veneer repository list`)"))
  asks(verb(noun, "remove <name>", "remove a source that was entered by hand", async (session, id = "") => {
    await confirm(`Remove source "${id}"?`, session.options.yes)
    const client = await session.client()
    await client.removeSourceConfig({ params: { id } })
    session.output.result({}, { id: undefined, text: () => cleanLine(`Source "${id}" is removed.`) })
  }))
}

async function add(session: Session<AddOptions>): Promise<void> {
  const { environment, plugin, repository } = session.options
  const client = await session.client()
  const { schemas } = await client.showPlugin({ params: { id: plugin } })
  const source = await client.addSourceConfig({
    body: { environment, plugin, definition: await collect(session.options, schemas.sourceConfig), ...(repository !== undefined && { repository }) },
  })
  session.output.result(source, { id: source.id, text: () => cleanLine(`Source "${source.name}" is there. Link it: veneer dsource link <name> --source ${source.id}`) })
}
