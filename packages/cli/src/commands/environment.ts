import type { Command } from "commander"
import { confirm } from "../ask.ts"
import type { Environment } from "@veneer/engine/client"
import { UsageError } from "../errors.ts"
import { finish } from "../jobs/follow.ts"
import { sshLogin, sshSettings, type SshOptions } from "../params/ssh.ts"
import { everything } from "../session.ts"
import { cleanLine } from "../text/clean.ts"
import { describe } from "../text/describe.ts"
import { ago } from "../text/format.ts"
import { idColumn, nameColumn } from "./columns.ts"
import { asks, startsJob, verb } from "./command.ts"

type AddOptions = SshOptions & { user?: string; local?: boolean }
type UpdateOptions = SshOptions & { host?: string; port?: string }

/** Options that tell how to log in to a host, and which key it has. */
function logsIn(command: Command): Command {
  return command
    .option("--password", "log in by a password, which is asked for or read as a line")
    .option("--key <file>", "log in by a private key")
    .option("--passphrase", "the key has a passphrase, which is asked for or read as a line")
    .option("--agent", "log in by the SSH agent that the engine was started with")
    .option("--credentials <store:name>", "log in by what a secret store of the engine's has")
    .option("--host-key <key>", "the host's key: its SHA256 fingerprint or public key; without, the one it presents is trusted")
}

/** A key that nobody has named is trusted at first sight, which is said. */
function trusted({ name, ssh }: Environment, given: string | undefined): string[] {
  if (!ssh || given !== undefined) return []
  return [cleanLine(`The host key of "${name}" was not known and is trusted from now on: ${ssh.hostKey}`), "Compare it with what this prints on the host: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub"]
}

/** `veneer environment …` */
export function addEnvironmentCommands(noun: Command): void {
  startsJob(logsIn(
    verb<AddOptions>(noun, "add <name>", "add this machine, or one over SSH, and discover what is on it", async (session, name = "") => {
      const { user, ssh, local, ...options } = session.options
      if (local !== undefined && ssh !== undefined) throw new UsageError("A host over SSH is not the engine's own machine.", "Give --local or --ssh.")
      if (ssh === undefined && (await sshLogin(options)) !== undefined) throw new UsageError("There is nothing to log in to.", "Say which host: --ssh user@host.")
      const more = { name, ...(user !== undefined && { user }) }
      const body = ssh === undefined ? { ...more, kind: "local" as const } : { ...more, kind: "ssh" as const, ssh: await sshSettings({ ...options, ssh }) }
      const client = await session.client()
      const { environment, job } = await client.addEnvironment({ body })
      await finish(session, job, {
        id: environment.id, text: () => [...trusted(environment, options.hostKey), cleanLine(`Environment "${environment.name}" is there. See what was found: veneer source list`)].join("\n"),
        document: async (ended) => ({ environment: await client.showEnvironment({ params: { id: environment.id } }), job: ended }),
      })
    })
      .option("--local", "the engine's own machine, which is the default")
      .option("--ssh <user@host[:port]>", "a host, and who logs in there")
      .option("--user <name>", "OS user that commands run as, over SSH by sudo; the one who logs in, or the engine's own, unless told"),
  ))
  logsIn(verb<UpdateOptions>(noun, "update <name>", "change how a host over SSH is reached", async (session, id = "") => {
    const { host, port, hostKey } = session.options
    if (port !== undefined && !/^\d{1,5}$/.test(port)) throw new UsageError(`--port ${port} is no port.`)
    const login = await sshLogin(session.options)
    const client = await session.client()
    const environment = await client.updateEnvironment({
      params: { id },
      body: { ...(host !== undefined && { host }), ...(port !== undefined && { port: Number(port) }), ...(login && { login }), ...(hostKey !== undefined && { hostKey }) },
    })
    session.output.result(environment, { id: environment.id, text: () => cleanLine(`Environment "${environment.name}" is reached at ${environment.ssh?.host ?? ""}, host key ${environment.ssh?.hostKey ?? ""}.`) })
  })).option("--host <name>", "where it is now").option("--port <number>", "its port now")
  verb(noun, "list", "list environments", async (session) => {
    const client = await session.client()
    session.output.list(await everything((query) => client.listEnvironments({ query })), {
      idOf: ({ id }) => id, none: "There is no environment. Add one: veneer environment add <name> --local",
      columns: [
        nameColumn,
        { head: "KIND", cell: ({ kind }) => kind, whole: true },
        { head: "HOST", cell: ({ ssh }) => (ssh ? `${ssh.host}:${ssh.port}` : "") },
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
