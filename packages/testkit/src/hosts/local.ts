import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fromLoginShell, type Command, type CommandOutcome, type DetachedCommand, type ScriptHost } from "@veneer/sdk/contract"
import { layOut, scriptsIn } from "./artifact.ts"
import { bridgeOf } from "./bridge.ts"
import type { HostCall, TestHost } from "./host.ts"
import { Newcomers } from "./local/processes.ts"
import { runProcess } from "./local/process.ts"
import { pull } from "./local/pull.ts"
import { launchAs } from "./local/user.ts"
import { hostPrograms } from "./programs.ts"

/** How this machine appears to a plugin under test. */
export interface LocalHostOptions {
  /** The environment's name; `here` unless told. */
  name?: string
  /** `127.0.0.1` unless told. */
  address?: string
  /** OS user that commands run as unless a plugin asks for another; the one who runs the tests unless told. */
  user?: string
}

let hosts = 0

/**
 * This machine: a plugin's scripts really run, as they do in an engine's `local` environment. Variables come on standard
 * input, `lib.sh` lies beside the scripts, a time-out or a cancellation ends the whole process group.
 *
 * @example
 * pluginSuite(plugin, { host: localHost(), scripts: new URL("../scripts", import.meta.url), parameters })
 */
export function localHost({ name = "here", address = "127.0.0.1", user }: LocalHostOptions = {}): TestHost {
  const machine = new LocalMachine(user)
  return {
    name, address, user, isHere: true, complaints: [],
    begin: (call) => machine.serve(call),
    running: () => machine.newcomers.naming([`VENEER_ENGINE=${machine.mark}`]),
    close: () => machine.close(),
  }
}

/** Runs programs and keeps artifacts. */
class LocalMachine implements ScriptHost {
  /** Marks what runs here, as an engine marks what it starts. */
  readonly mark = `testkit-${process.pid}-${(hosts += 1)}-`
  readonly newcomers = new Newcomers()
  readonly #programs = hostPrograms()
  readonly #user: string | undefined
  readonly #folders = new Map<string, Promise<string>>()
  readonly #detached = new Map<string, Promise<CommandOutcome>>()
  readonly #running = new Set<Promise<unknown>>()
  readonly #over = new AbortController()
  #root: string | undefined

  constructor(user: string | undefined) {
    this.#user = user
  }

  serve(call: HostCall) {
    const { plugin, dataset } = call
    const bridge = bridgeOf(call, {
      scripts: scriptsIn(plugin.scripts), host: this, programs: this.#programs,
      sync: dataset === undefined ? undefined : (request, watch) => this.#tracked(pull({ ...request, user: request.user ?? this.#user }, dataset, watch, this.mark)),
    })
    return bridge.serve.bind(bridge)
  }

  async run({ user, cwd, argv, login, signal, ...command }: Command): Promise<CommandOutcome> {
    const { become, env, home } = launchAs(user ?? this.#user, this.mark)
    const over = signal ? AbortSignal.any([signal, this.#over.signal]) : this.#over.signal
    return this.#tracked(runProcess({ ...command, argv: become(login === true ? fromLoginShell(argv) : argv), env, cwd: cwd ?? home, signal: over }))
  }

  async runDetached({ key, script, ...command }: DetachedCommand): Promise<CommandOutcome> {
    const known = this.#detached.get(key)
    if (known) return known
    const started = this.run({ ...command, argv: ["bash", script] })
    this.#detached.set(key, started)
    return started
  }

  async artifactPath(folder: string): Promise<string> {
    const known = this.#folders.get(folder)
    if (known) return known
    this.#root ??= mkdtempSync(join(tmpdir(), "veneer-testkit-"))
    const target = join(this.#root, `artifact-${this.#folders.size + 1}`)
    const made = layOut(folder, target).then(() => readable(this.#root ?? target, target))
    this.#folders.set(folder, made)
    return made
  }

  async close(): Promise<void> {
    this.#over.abort(new Error("The host was closed."))
    await Promise.allSettled(this.#running)
    if (this.#root !== undefined) rmSync(this.#root, { recursive: true, force: true })
  }

  async #tracked<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work)
    try {
      return await work
    } finally {
      this.#running.delete(work)
    }
  }
}

/** Scripts run as any OS user. */
function readable(root: string, target: string): string {
  execFileSync("chmod", ["a+rX", root])
  execFileSync("chmod", ["-R", "a+rX", target])
  return target
}
