import { spawn } from "node:child_process"
import type { Readable } from "node:stream"

/** A program with everything settled that starting it needs. */
export interface ChildOptions {
  argv: readonly [string, ...string[]]
  /** Its whole environment. */
  env: Readonly<Record<string, string>>
  cwd?: string | undefined
  /** Text for its standard input, which is empty without. */
  stdin?: string | undefined
  /** In a session of its own, so that all of it can be ended as a group of its process id. */
  session?: boolean
}

/** A program that was started, or is being started. */
export interface Child {
  /** Its process id; undefined when it could not be started. */
  readonly started: Promise<number | undefined>
  /** How it ended: its exit code, undefined when a signal ended it. Rejects with a system error when it could not be started. */
  readonly exited: Promise<number | undefined>
  /** What it writes; destroying one gives it up. */
  readonly stdout: Readable
  readonly stderr: Readable
  /** Ends all of it; left out where it is a process group of this machine, led by `started`. */
  end?: () => Promise<void>
}

/** Starts programs. */
export type StartChild = (options: ChildOptions) => Child

/** {@link StartChild} as children of this very process. */
export const startChild: StartChild = ({ argv: [file, ...args], env, cwd, stdin, session = false }) => {
  const child = spawn(file, args, { env, cwd, detached: session, stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"] })
  const { stdout, stderr } = child
  if (!stdout || !stderr) throw new Error("a program that was asked for its output has one")
  // A program that doesn't read its input closes the pipe; that is its right.
  child.stdin?.on("error", () => {})
  child.stdin?.end(stdin)
  const exited = new Promise<number | undefined>((resolve, reject) => {
    child.once("exit", (code) => resolve(code ?? undefined))
    child.once("error", reject)
  })
  // Whoever asks how it ended hears of it.
  exited.catch(() => {})
  return { started: Promise.resolve(child.pid), exited, stdout, stderr }
}
