import { accessSync, constants } from "node:fs"
import type { Readable } from "node:stream"
import { text } from "node:stream/consumers"
import { type Code, EngineError } from "../errors.ts"
import { Lines } from "../lines.ts"
import { startChild, type StartChild } from "./child.ts"

/** A program and its arguments; no shell between. */
export type Argv = readonly [string, ...string[]]

/** How a program of the engine's own machine ended. */
export interface ProgramOutcome {
  /** Undefined when a signal ended it. */
  exitCode: number | undefined
  stdout: string
  stderr: string
}

export interface ProgramOptions {
  cwd?: string
  /** Takes standard output line by line instead of keeping it. */
  onLine?: (line: string) => void
}

/**
 * Runs a program on the engine's own machine to its end, as the engine's user.
 * @throws EngineError `program_missing`
 */
export type Run = (argv: Argv, options?: ProgramOptions) => Promise<ProgramOutcome>

/** Services and plain users often lack the folders that hold `losetup` and `mkfs`. */
const searchPath = (): string => [process.env["PATH"], "/usr/local/sbin", "/usr/sbin", "/sbin"].filter(Boolean).join(":")

/** {@link Run} by starting a program each time, in the C locale so that messages can be told apart. */
export const programRunner = (start: StartChild): Run => async ([file, ...args], { cwd, onLine } = {}) => {
  const child = start({ argv: [file, ...args], env: { PATH: searchPath(), LC_ALL: "C" }, cwd })
  const stdout = onLine ? linesOf(child.stdout, onLine) : text(child.stdout)
  const stderr = text(child.stderr)
  try {
    const exitCode = await child.exited
    return { exitCode, stdout: trimmed(await stdout), stderr: trimmed(await stderr) }
  } catch (error) {
    // Not told by the code: a folder of the search path that may not be read makes it EACCES.
    if (!hasProgram(file)) throw new EngineError("program_missing", `The program ${file} was not found.`)
    throw new EngineError("internal", `The program ${file} could not be started: ${error instanceof Error ? error.message : String(error)}.`, { cause: error })
  }
}

/** {@link Run} with children of this very process. */
export const runProgram: Run = programRunner(startChild)

async function linesOf(stream: Readable, onLine: (line: string) => void): Promise<string> {
  const lines = new Lines(onLine)
  for await (const chunk of stream) lines.add(chunk)
  lines.end()
  return ""
}

const trimmed = (output: string): string => output.replace(/\r?\n$/, "")

/** Whether a program can be found and run. */
export function hasProgram(file: string): boolean {
  return searchPath().split(":").some((folder) => {
    try {
      accessSync(`${folder}/${file}`, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/**
 * The standard output of a program that must succeed.
 * @throws EngineError `pool_full` or `not_permitted` where it says so, else `otherwise`
 */
export async function outputOf(run: Run, argv: Argv, otherwise: Code, options?: ProgramOptions): Promise<string> {
  const { exitCode, stdout, stderr } = await run(argv, options)
  if (exitCode === 0) return stdout
  const ending = exitCode === undefined ? "was killed" : `ended with exit code ${exitCode}`
  throw new EngineError(codeOf(stderr) ?? otherwise, `${argv.slice(0, 3).join(" ")} ${ending}: ${lastLine(stderr)}`, { output: stderr })
}

/** What the kernel said through a program's standard error. */
function codeOf(stderr: string): Code | undefined {
  if (/No space left on device|Disk quota exceeded/.test(stderr)) return "pool_full"
  if (/Operation not permitted|Permission denied|must be superuser/.test(stderr)) return "not_permitted"
  return undefined
}

const lastLine = (stderr: string): string => stderr.trim().split("\n").at(-1) ?? ""
