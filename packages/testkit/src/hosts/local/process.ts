import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { setTimeout as delay } from "node:timers/promises"
import { limits, type Command, type CommandOutcome } from "@veneer/sdk/contract"
import { endGroup } from "./group.ts"
import { Lines } from "./lines.ts"

/** A program with everything settled: as whom it runs is in `argv` and `env`. */
export interface Program extends Omit<Command, "user"> {
  env: Readonly<Record<string, string>>
  cwd: string
}

/** A daemon that a script started may hold the streams open for ever: after the exit they are waited for so long. */
const DRAIN_MS = 200

/**
 * Runs a program in a session of its own until it ends; on time-out or abort its whole process group is ended first, as
 * the engine does it.
 */
export async function runProcess({ argv: [file, ...args], env, cwd, stdin, timeoutMs, signal, onStdout, onStderr }: Program): Promise<CommandOutcome> {
  signal?.throwIfAborted()
  const child = spawn(file, args, { env, cwd, detached: true, stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"] })
  const streams = capture(child, { onStdout, onStderr })
  // A program that doesn't read its input closes the pipe; that is its right.
  child.stdin?.on("error", () => {})
  child.stdin?.end(stdin)

  let timedOut = false
  let ending: Promise<void> | undefined
  const stop = () => {
    if (child.pid !== undefined) ending ??= endGroup(child.pid)
  }
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => {
    timedOut = true
    stop()
  }, timeoutMs)
  signal?.addEventListener("abort", stop, { once: true })
  try {
    const exitCode = await exitOf(child)
    await ending
    await Promise.race([streams.closed, delay(DRAIN_MS)])
    signal?.throwIfAborted()
    return { exitCode, ...streams.take(), timedOut }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener("abort", stop)
    child.stdout?.destroy()
    child.stderr?.destroy()
  }
}

/** The exit code; undefined when a signal ended it. @throws when it can't be started */
async function exitOf(child: ChildProcess): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => resolve(code ?? undefined))
    child.once("error", reject)
  })
}

/** Keeps the first bytes of standard output and the last of standard error. */
function capture(child: ChildProcess, { onStdout = () => {}, onStderr = () => {} }: Pick<Program, "onStdout" | "onStderr">) {
  const said = new Lines(onStdout)
  const told = new Lines(onStderr)
  let stdout = Buffer.alloc(0)
  let stderr = Buffer.alloc(0)
  let truncated = false
  child.stdout?.on("data", (chunk: Buffer) => {
    truncated ||= stdout.length + chunk.length > limits.outputBytes
    stdout = Buffer.concat([stdout, chunk.subarray(0, limits.outputBytes - stdout.length)])
    said.add(chunk)
  })
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-limits.outputBytes)
    told.add(chunk)
  })
  return {
    closed: once(child, "close"),
    take: () => {
      said.end()
      told.end()
      return { stdout: stdout.toString("utf8"), stderr: stderr.toString("utf8"), truncated }
    },
  }
}
