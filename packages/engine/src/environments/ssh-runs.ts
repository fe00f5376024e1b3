import { randomUUID } from "node:crypto"
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { fromLoginShell, limits, type CommandOutcome, type DetachedCommand } from "@veneer/sdk/contract"
import { cancelledBy } from "../cancelled.ts"
import { EngineError } from "../errors.ts"
import { ended, HEAD_LIMIT, isLeaseLost, programPath } from "./detached.ts"
import type { Program } from "./process.ts"
import type { Scratch } from "./ssh-scratch.ts"

/** A command of a run: as a user on the host, on a channel that may be held for hours. */
export type Follow = (command: Pick<Program, "argv" | "cwd" | "stdin" | "timeoutMs" | "signal" | "onStderr" | "outputLimit"> & { user: string; long: boolean }) => Promise<CommandOutcome>

/** A host that is gone is asked for its run again and again, for so long. */
const PATIENCE_MS = 15 * 60_000
const PAUSES_MS = [200, 1_000, 2_000, 5_000, 10_000]

/** What is known of a run without asking the host. */
interface Note {
  key: string
  user: string
}

/**
 * Runs on a host that outlive connection and engine. Each is noted on the engine's machine before it starts, so that what
 * runs are there can be told of a host that is gone.
 */
export class SshRuns {
  readonly #notes: string
  readonly #users: string
  readonly #scratch: Scratch
  readonly #follow: Follow

  /** @param notes folder of the environment's notes */
  constructor(notes: string, { scratch, follow }: { scratch: Scratch; follow: Follow }) {
    this.#notes = join(notes, "runs")
    this.#users = join(notes, "users")
    this.#scratch = scratch
    this.#follow = follow
  }

  /** As {@link DetachedRuns.run}; besides, it attaches again when the connection broke. What it has told is not told twice. */
  async run({ script, key, cwd, login = false, stdin = "", timeoutMs, signal, onStderr }: DetachedCommand, { user, library }: Places): Promise<CommandOutcome> {
    await this.#note({ key, user })
    const argv = login ? fromLoginShell(["bash", script]) : (["bash", script] as const)
    const deadline = timeoutMs === undefined ? undefined : performance.now() + timeoutMs
    let told = 0
    const once = async () => {
      let seen = 0
      const program = await this.#scratch.file(library, programPath())
      const folder = await this.#folder(key, user)
      return this.#follow({
        argv: ["bash", program, "run", folder, key, String(Buffer.byteLength(stdin)), ".", ...argv], user, cwd: cwd ?? "", stdin, signal, long: true, outputLimit: limits.outputBytes + HEAD_LIMIT,
        timeoutMs: deadline === undefined ? undefined : Math.max(1, deadline - performance.now()),
        onStderr: onStderr && ((line) => {
          if (++seen <= told) return
          told = seen
          onStderr(line)
        }),
      })
    }
    try {
      const outcome = await this.#patiently(once, signal)
      if (!outcome.timedOut) return ended(outcome)
      await this.#end("kill", { key, user }, library)
      return { ...outcome, exitCode: undefined, stdout: "" }
    } catch (error) {
      if (signal?.aborted && !isLeaseLost(signal.reason)) await this.#end("kill", { key, user }, library)
      throw error
    }
  }

  /** Ends it if it runs, and removes its folder. */
  async discard(key: string, library: string): Promise<void> {
    const note = await this.#noted(key)
    if (!note) return
    await this.#end("discard", note, library)
    await rm(this.#path(key), { force: true })
  }

  async list(): Promise<string[]> {
    const names = await readdir(this.#notes).catch(() => [])
    return names.filter((name) => !name.endsWith(".new")).map((name) => decodeURIComponent(name))
  }

  /** The OS users who have ever had a run there, and so a folder. */
  async users(): Promise<string[]> {
    return readdir(this.#users).catch(() => [])
  }

  async #patiently(once: () => Promise<CommandOutcome>, signal: AbortSignal | undefined): Promise<CommandOutcome> {
    let since: number | undefined
    for (let turn = 0; ; turn++) {
      const began = performance.now()
      try {
        return await once()
      } catch (error) {
        if (!(error instanceof EngineError) || error.code !== "environment_unreachable") throw error
        // It was there for a while: the waiting begins anew.
        if (performance.now() - began > PATIENCE_MS / 10) [since, turn] = [undefined, 0]
        since ??= performance.now()
        if (performance.now() - since > PATIENCE_MS) throw error
      }
      await delay(PAUSES_MS[Math.min(turn, PAUSES_MS.length - 1)], undefined, { signal }).catch(() => {
        throw cancelledBy(signal, "The run was stopped because the job was cancelled.")
      })
    }
  }

  async #end(verb: "kill" | "discard", { key, user }: Note, library: string): Promise<void> {
    const program = await this.#scratch.file(library, programPath())
    await this.#follow({ argv: ["bash", program, verb, await this.#folder(key, user), key], user, cwd: "/", long: false })
  }

  async #folder(key: string, user: string): Promise<string> {
    return `${await this.#scratch.root(user)}/runs/${nameOf(key)}`
  }

  async #note(note: Note): Promise<void> {
    for (const folder of [this.#notes, this.#users]) await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(join(this.#users, note.user), "")
    const fresh = `${this.#path(note.key)}.${randomUUID()}.new`
    await writeFile(fresh, JSON.stringify(note))
    await rename(fresh, this.#path(note.key))
  }

  async #noted(key: string): Promise<Note | undefined> {
    const text = await readFile(this.#path(key), "utf8").catch(() => undefined)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nobody else writes there
    return text === undefined ? undefined : (JSON.parse(text) as Note)
  }

  #path(key: string): string {
    return join(this.#notes, nameOf(key))
  }
}

/** Who a run is run as, and who keeps the programs on the host. */
export interface Places {
  user: string
  library: string
}

const nameOf = (key: string) => encodeURIComponent(key).replaceAll(".", "%2E")
