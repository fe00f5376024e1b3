import { join } from "node:path"
import { fromLoginShell, type Command, type CommandOutcome, type DetachedCommand } from "@veneer/sdk/contract"
import { EngineError } from "../errors.ts"
import { startChild, type StartChild } from "../system/child.ts"
import { DetachedRuns } from "./detached.ts"
import { isPortFree } from "./free-port.ts"
import { Launcher } from "./launch.ts"
import type { Host, HostSettings, Hosts, Pull, Pulled } from "./port.ts"
import { runProcess } from "./process.ts"
import { pullFiles } from "./pull.ts"
import { Users } from "./users.ts"

/** Where hosts of this engine keep things. */
export interface HostsOptions {
  /** Detached runs have their folders below it. */
  dataDir: string
  /** Stable over restarts: marks what the engine starts, so that a restarted one finds it. */
  engineId: string
  /** The plugin store: one folder for each unpacked artifact, reachable for every OS user. */
  artifactsDir: string
  /** How programs are started; left out, as child processes. */
  start?: StartChild
}

/** Makes hosts of the engine's own machine. */
export function createHosts({ dataDir, engineId, artifactsDir, start = startChild }: HostsOptions): Hosts {
  const launcher = new Launcher(new Users(), engineId)
  const runs = new DetachedRuns(join(dataDir, "runs"), { launcher, start })
  return { host: (settings) => new LocalHost(settings, { launcher, runs, artifactsDir, start }) }
}

interface Shared {
  launcher: Launcher
  runs: DetachedRuns
  artifactsDir: string
  start: StartChild
}

/** What rsync takes for a remote shell: its first argument is a host's name, the rest is the command. */
const HERE = ["bash", "-c", 'shift; exec "$@"', "bash"] as const

/** The machine the engine runs on. */
class LocalHost implements Host {
  readonly name: string
  readonly address = "127.0.0.1"
  readonly #user: string | undefined
  readonly #shared: Shared

  constructor({ name, user }: HostSettings, shared: Shared) {
    this.name = name
    this.#user = user
    this.#shared = shared
  }

  async run(command: Command): Promise<CommandOutcome> {
    const { become, env, cwd } = await this.#shared.launcher.as(command.user ?? this.#user, command.cwd)
    const argv = command.login === true ? fromLoginShell(command.argv) : command.argv
    const outcome = await runProcess({ ...command, argv: become(argv), env, cwd }, this.#shared.start)
    if (neverStarted(outcome)) throw new EngineError("program_missing", `${command.argv[0]} can't be started on ${this.name}: ${outcome.stderr.trim()}.`)
    return outcome
  }

  async runDetached(command: DetachedCommand): Promise<CommandOutcome> {
    return this.#shared.runs.run({ ...command, user: command.user ?? this.#user })
  }

  async discardDetached(key: string): Promise<void> {
    await this.#shared.runs.discard(key)
  }

  async listDetached(): Promise<string[]> {
    return this.#shared.runs.list()
  }

  /** Its own "remote shell" becomes the user that reads. */
  async pull(pull: Pull): Promise<Pulled> {
    const reader = await this.#shared.launcher.as(pull.user ?? this.#user, undefined)
    const { env } = await this.#shared.launcher.as(undefined, undefined)
    return pullFiles(pull, { host: this.name, shell: reader.become(HERE), env, isLocal: true })
  }

  async artifactPath(artifact: string): Promise<string> {
    return join(this.#shared.artifactsDir, artifact)
  }

  async isPortFree(port: number): Promise<boolean> {
    return isPortFree(port)
  }
}

/** `setpriv` says so itself when there is nothing to become. */
function neverStarted({ exitCode, stderr }: CommandOutcome): boolean {
  return (exitCode === 127 || exitCode === 126) && stderr.startsWith("setpriv: failed to execute ")
}
