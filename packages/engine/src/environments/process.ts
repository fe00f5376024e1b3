import { once } from "node:events"
import { stat } from "node:fs/promises"
import { limits, type Command, type CommandOutcome } from "@veneer/sdk/contract"
import { cancelledBy } from "../cancelled.ts"
import { EngineError } from "../errors.ts"
import { Lines } from "../lines.ts"
import { startChild, type Child, type StartChild } from "../system/child.ts"
import { Capture } from "./capture.ts"
import { endGroup } from "./group.ts"

/** A program with everything settled: who and where it runs is in `argv`, `env` and `cwd`. */
export interface Program extends Omit<Command, "user" | "login"> {
  env: Readonly<Record<string, string>>
  cwd: string
  /** Bytes kept of each stream. */
  outputLimit?: number
  /** Told standard output as it comes, besides its being kept and told line by line. */
  onOutput?: (chunk: Buffer) => void
}

/** After the program's exit, its streams are given up when they stay silent for so long, or talk on for so much longer. */
const SILENCE_MS = 50
const TALK_MS = 1_000

/**
 * Runs a program in a session of its own until it ends: nothing of it is left after a time-out or an abort. Not execa,
 * which waits for the streams' end: a daemon that a script starts may hold them open for ever.
 *
 * @throws EngineError `program_missing`; `cancelled`, or what the signal was aborted with
 */
export async function runProcess(program: Program, start: StartChild = startChild): Promise<CommandOutcome> {
  const { argv, env, cwd, stdin, signal } = program
  if (signal?.aborted) throw cancelled(program)
  const child = start({ argv, env, cwd, stdin, session: true })
  const limit = program.outputLimit ?? limits.outputBytes
  const stdout = new Capture("first", limit)
  const stderr = new Capture("last", limit)
  const told = program.onStdout && new Lines(program.onStdout)
  const lines = program.onStderr && new Lines(program.onStderr)
  child.stdout.on("data", (chunk: Buffer) => {
    stdout.add(chunk)
    told?.add(chunk)
    program.onOutput?.(chunk)
  })
  child.stderr.on("data", (chunk: Buffer) => {
    stderr.add(chunk)
    lines?.add(chunk)
  })

  const stop = stopper(child, program)
  try {
    const exitCode = await exitOf(child, program)
    await stop.ended()
    await drained(child)
    told?.end()
    lines?.end()
    if (stop.why() === "aborted") throw cancelled(program)
    return { exitCode, stdout: stdout.text(), stderr: stderr.text(), truncated: stdout.truncated, timedOut: stop.why() === "timeout" }
  } finally {
    stop.release()
  }
}

/** Ends the program's whole group on time-out and abort. */
function stopper({ started, end }: Child, { timeoutMs, signal }: Program) {
  let why: "timeout" | "aborted" | undefined
  let ending: Promise<void> | undefined
  const stop = (reason: "timeout" | "aborted") => {
    why ??= reason
    ending ??= end?.() ?? started.then((pid) => (pid === undefined ? undefined : endGroup(pid)))
  }
  const abort = () => stop("aborted")
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => stop("timeout"), timeoutMs)
  signal?.addEventListener("abort", abort, { once: true })
  return {
    why: () => why,
    ended: async () => ending,
    release: () => {
      clearTimeout(timer)
      signal?.removeEventListener("abort", abort)
    },
  }
}

/** The exit code; undefined when a signal ended it. */
async function exitOf({ exited }: Child, { argv: [file], cwd }: Program): Promise<number | undefined> {
  try {
    return await exited
  } catch (error) {
    if (error instanceof EngineError) throw error
    throw await notStarted(file, cwd, error instanceof Error ? error : new Error(String(error)))
  }
}

async function notStarted(file: string, cwd: string, cause: Error): Promise<EngineError> {
  const there = await stat(cwd).then((found) => found.isDirectory(), () => false)
  if (!there) return new EngineError("program_missing", `${file} can't start in ${cwd}: there is no such directory.`, { action: "Create the directory, or name another.", cause })
  return new EngineError("program_missing", `${file} can't be started: ${cause.message}.`, { cause })
}

/** Waits for the end of both streams, unless somebody the program left behind holds them open. */
async function drained({ stdout, stderr }: Child): Promise<void> {
  const streams = [stdout, stderr]
  const closed = Promise.all(streams.filter((stream) => !stream.closed).map((stream) => once(stream, "close")))
  let heard = true
  for (const stream of streams) stream.on("data", () => (heard = true))
  if (streams.every((stream) => stream.readableEnded || stream.destroyed)) return
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<void>((resolve) => {
    const end = performance.now() + TALK_MS
    const listen = () => {
      if (!heard || performance.now() > end) return resolve()
      heard = false
      // What came while this process was busy is only read after the timer: look once more after that.
      timer = setTimeout(() => setImmediate(listen), SILENCE_MS)
    }
    listen()
  })
  await Promise.race([closed, silence])
  clearTimeout(timer)
  for (const stream of streams) stream.destroy()
}

const cancelled = ({ argv: [file], signal }: Program) => cancelledBy(signal, `${file} was stopped because the job was cancelled.`)
