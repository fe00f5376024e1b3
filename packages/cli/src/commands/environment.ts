import type { Command } from "commander"
import { confirm } from "../ask.ts"
import { finish } from "../jobs/follow.ts"
import { everything } from "../session.ts"
import { cleanLine } from "../text/clean.ts"
import { describe } from "../text/describe.ts"
import { ago } from "../text/format.ts"
import { idColumn, nameColumn } from "./columns.ts"
import { asks, startsJob, verb } from "./command.ts"

/** `veneer environment …` */
export function addEnvironmentCommands(noun: Command): void {
  startsJob(
    verb<{ user?: string }>(noun, "add <name>", "add this machine and discover what is on it", async (session, name = "") => {
      const client = await session.client()
      const { user } = session.options
      const { environment, job } = await client.addEnvironment({ body: { name, kind: "local", ...(user !== undefined && { user }) } })
      await finish(session, job, {
        id: environment.id, text: () => cleanLine(`Environment "${environment.name}" is there. See what was found: veneer source list`),
        document: async (ended) => ({ environment: await client.showEnvironment({ params: { id: environment.id } }), job: ended }),
      })
    }).option("--local", "the engine's own machine, which is the default").option("--user <name>", "OS user that commands run as; the engine's own unless told"),
  )
  verb(noun, "list", "list environments", async (session) => {
    const client = await session.client()
    session.output.list(await everything((query) => client.listEnvironments({ query })), {
      idOf: ({ id }) => id, none: "There is no environment. Add one: veneer environment add <name> --local",
      columns: [
        nameColumn,
        { head: "KIND", cell: ({ kind }) => kind, whole: true },
        { head: "USER", cell: ({ user }) => user ?? "" },
        { head: "REFRESHED", cell: ({ refreshedAt }) => (refreshedAt === undefined ? "never" : ago(refreshedAt)), whole: true },
        idColumn,
      ],
    })
  })
  verb(noun, "show <name>", "show an environment", async (session, id = "") => {
    const client = await session.client()
    const environment = await client.showEnvironment({ params: { id } })
    session.output.result(environment, { id: environment.id, text: () => describe(environment) })
  })
  startsJob(verb(noun, "refresh <name>", "discover again what is on it", async (session, id = "") => {
    const client = await session.client()
    const job = await client.refreshEnvironment({ params: { id } })
    await finish(session, job, { id: job.subject.id, document: (ended) => ended, text: () => cleanLine(`Environment "${job.subject.name}" is refreshed.`) })
  }))
  asks(verb(noun, "remove <name>", "remove an environment on which nothing stands", async (session, id = "") => {
    await confirm(`Remove environment "${id}"?`, session.options.yes)
    const client = await session.client()
    await client.removeEnvironment({ params: { id } })
    session.output.result({ id }, { id, text: () => `Environment "${id}" is removed.` })
  }))
  verb(noun, "ports <name>", "list the TCP ports promised there", async (session, id = "") => {
    const client = await session.client()
    const { items } = await client.listEnvironmentPorts({ params: { id } })
    session.output.list(items, {
      idOf: ({ port }) => String(port), none: "No port is promised.",
      columns: [
        { head: "PORT", cell: ({ port }) => String(port), right: true },
        { head: "LABEL", cell: ({ label }) => label },
        { head: "OWNER", cell: ({ owner }) => owner, whole: true },
      ],
    })
  })
}
