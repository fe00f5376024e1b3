import { join } from "node:path"
import { fromLoginShell, type Command, type CommandOutcome, type DetachedCommand } from "@veneer/sdk/contract"
import { EngineError } from "../errors.ts"
import type { Launcher } from "./launch.ts"
import { type Host, type NewRemote, type Pull, type Pulled } from "./port.ts"
import { runProcess, type Program } from "./process.ts"
import { pullFiles } from "./pull.ts"
import { startRemote } from "./ssh-command.ts"
import type { SshConnection } from "./ssh-connection.ts"
import { openBridge } from "./ssh-pull.ts"
import { SshRuns } from "./ssh-runs.ts"
import { Scratch } from "./ssh-scratch.ts"

/** What hosts over SSH share. */
export interface SshShared {
  engineId: string
  /** Notes of detached runs have their folders below it. */
  notesDir: string
  artifactsDir: string
  launcher: Launcher
}

/** A listening socket's line in the kernel's tables: local port in hexadecimal, no peer, state 0A. */
const listening = (port: number) => `^ *[0-9]+: [0-9A-F]+:${port.toString(16).toUpperCase().padStart(4, "0")} [0-9A-F]+:0000 0A `

/** A machine that is reached by SSH. */
export class SshHost implements Host {
  readonly name: string
  readonly address: string
  readonly #login: string
  readonly #user: string
  readonly #connection: SshConnection
  readonly #shared: SshShared
  readonly #scratch: Scratch
  readonly #runs: SshRuns

  constructor(remote: NewRemote, connection: SshConnection, shared: SshShared) {
    const { id, name, ssh } = remote
    this.name = name
    this.address = ssh.host
    this.#login = ssh.user
    this.#user = remote.user ?? ssh.user
    this.#connection = connection
    this.#shared = shared
    this.#scratch = new Scratch(id, (command) => this.run(command))
    this.#runs = new SshRuns(join(shared.notesDir, id), { scratch: this.#scratch, follow: (command) => this.#execute(command, command) })
  }

  async run(command: Command): Promise<CommandOutcome> {
    const argv = command.login === true ? fromLoginShell(command.argv) : command.argv
    return this.#execute({ ...command, argv, cwd: command.cwd ?? "" }, { user: command.user ?? this.#user })
  }

  async runDetached(command: DetachedCommand): Promise<CommandOutcome> {
    return this.#runs.run(command, { user: command.user ?? this.#user, library: this.#login })
  }

  async discardDetached(key: string): Promise<void> {
    await this.#runs.discard(key, this.#login)
  }

  async listDetached(): Promise<string[]> {
    return this.#runs.list()
  }

  async pull(pull: Pull): Promise<Pulled> {
    const { env } = await this.#shared.launcher.as(undefined, undefined)
    const bridge = await openBridge((argv) => startRemote(this.#connection, { ...this.#as(pull.user ?? this.#user), argv, raw: true, long: true }))
    try {
      return await pullFiles(pull, { host: this.name, shell: bridge.shell, env, isLocal: false })
    } catch (error) {
      const failure = bridge.failure()
      throw failure === undefined || failure.code === "program_missing" || pull.signal?.aborted ? error : failure
    } finally {
      await bridge.close()
    }
  }

  async artifactPath(artifact: string): Promise<string> {
    return this.#scratch.artifact(this.#login, join(this.#shared.artifactsDir, artifact))
  }

  async isPortFree(port: number): Promise<boolean> {
    const { exitCode } = await this.run({ argv: ["grep", "-q", "-s", "-E", listening(port), "/proc/net/tcp", "/proc/net/tcp6"] })
    return exitCode !== 0
  }

  /** Removes what it keeps there. */
  async clean(): Promise<void> {
    for (const key of await this.listDetached()) await this.discardDetached(key)
    for (const user of new Set([...(await this.#runs.users()), this.#login])) await this.#scratch.remove(user)
  }

  #execute(program: Omit<Program, "env">, { user, long }: { user: string; long?: boolean }): Promise<CommandOutcome> {
    const { stdin, cwd, argv } = program
    const settled = this.#as(user)
    return runProcess({ ...program, env: {} }, () => startRemote(this.#connection, { ...settled, argv, cwd, stdin, long }))
  }

  #as(user: string) {
    if (!OS_USER.test(user)) throw new EngineError("user_unknown", `There is no OS user ${JSON.stringify(user)} on ${this.name}.`)
    return { user, login: this.#login, host: this.name, engineId: this.#shared.engineId }
  }
}

/** Names that mean nothing to a shell. */
const OS_USER = /^[A-Za-z0-9_][A-Za-z0-9_.-]*\$?$/

