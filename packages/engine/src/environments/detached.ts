import { existsSync } from "node:fs"
import { mkdir, readdir } from "node:fs/promises"
import { join } from "node:path"
import { fromLoginShell, limits, type CommandOutcome, type DetachedCommand } from "@veneer/sdk/contract"
import { EngineError } from "../errors.ts"
import { shipped } from "../shipped.ts"
import type { StartChild } from "../system/child.ts"
import type { Launcher } from "./launch.ts"
import { runProcess } from "./process.ts"

/** Room for the first line, which tells how the run ended. */
export const HEAD_LIMIT = 16

/** Runs that outlive the engine: each a folder, and a supervisor in a session of its own (`shell/detached.sh`). */
export class DetachedRuns {
  readonly #root: string
  readonly #launcher: Launcher
  readonly #start: StartChild
  readonly #program = programPath()

  constructor(root: string, { launcher, start }: { launcher: Launcher; start: StartChild }) {
    this.#root = root
    this.#launcher = launcher
    this.#start = start
  }

  /**
   * Starts or attaches, and follows to the end. What the run wrote to standard error so far is told again on attaching.
   * An abort kills it, unless its reason is that the lease was lost: then another engine follows it.
   */
  async run({ script, key, user, cwd, login = false, stdin = "", timeoutMs, signal, onStderr }: DetachedCommand): Promise<CommandOutcome> {
    const launch = await this.#launcher.as(user, cwd)
    await mkdir(this.#root, { recursive: true, mode: 0o700 })
    try {
      const outcome = await runProcess({
        argv: ["bash", this.#program, "run", this.#folder(key), key, String(Buffer.byteLength(stdin)), launch.cwd, ...launch.become(login ? fromLoginShell(["bash", script]) : ["bash", script])],
        env: launch.env, cwd: "/", stdin, timeoutMs, signal, onStderr, outputLimit: limits.outputBytes + HEAD_LIMIT,
      }, this.#start)
      if (!outcome.timedOut) return ended(outcome)
      await this.#end("kill", key)
      return { ...outcome, exitCode: undefined, stdout: "" }
    } catch (error) {
      if (signal?.aborted && !isLeaseLost(signal.reason)) await this.#end("kill", key)
      throw error
    }
  }

  /** Ends it if it runs, and removes its folder. */
  async discard(key: string): Promise<void> {
    if (existsSync(this.#folder(key))) await this.#end("discard", key)
  }

  async list(): Promise<string[]> {
    const names = await readdir(this.#root).catch(() => [])
    return names.map((name) => decodeURIComponent(name))
  }

  async #end(verb: "kill" | "discard", key: string): Promise<void> {
    const { env } = await this.#launcher.as(undefined, undefined)
    await runProcess({ argv: ["bash", this.#program, verb, this.#folder(key), key], env, cwd: "/" }, this.#start)
  }

  #folder(key: string): string {
    return join(this.#root, encodeURIComponent(key).replaceAll(".", "%2E"))
  }
}

/** Then another engine follows the run. */
export const isLeaseLost = (reason: unknown) => reason instanceof EngineError && reason.code === "lease_lost"

/** The follower's first line tells the run's exit code, or that it ended without one. */
export function ended(outcome: CommandOutcome): CommandOutcome {
  const end = outcome.stdout.indexOf("\n")
  const head = /^exit (\d+)$/.exec(outcome.stdout.slice(0, end))
  return { ...outcome, exitCode: head ? Number(head[1]) : undefined, stdout: head ? outcome.stdout.slice(end + 1) : "" }
}

/** The program that supervises and follows runs. */
export const programPath = () => shipped("detached.sh", "../../../shell/detached.sh")
