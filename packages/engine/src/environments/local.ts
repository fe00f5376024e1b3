import { join } from "node:path"
import { fromLoginShell, type Command, type CommandOutcome, type DetachedCommand } from "@veneer/sdk/contract"
import { EngineError } from "../errors.ts"
import type { StartChild } from "../system/child.ts"
import type { DetachedRuns } from "./detached.ts"
import { isPortFree } from "./free-port.ts"
import type { Launcher } from "./launch.ts"
import type { Host, LocalSettings, Pull, Pulled } from "./port.ts"
import { runProcess } from "./process.ts"
import { pullFiles } from "./pull.ts"

/** What hosts of the engine's own machine share. */
export interface LocalShared {
  launcher: Launcher
  runs: DetachedRuns
  artifactsDir: string
  start: StartChild
}

/** What rsync takes for a remote shell: its first argument is a host's name, the rest is the command. */
const HERE = ["bash", "-c", 'shift; exec "$@"', "bash"] as const

/** The machine the engine runs on. */
export class LocalHost implements Host {
  readonly name: string
  readonly address = "127.0.0.1"
  readonly #user: string | undefined
  readonly #shared: LocalShared

  constructor({ name, user }: LocalSettings, shared: LocalShared) {
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
