import { accessSync, constants } from "node:fs"
import { execa } from "execa"
import { type Code, EngineError } from "../errors.ts"

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

/** {@link Run} with a child process, in the C locale so that messages can be told apart. */
export const runProgram: Run = async ([file, ...args], { cwd, onLine } = {}) => {
  const child = execa(file, args, {
    reject: false,
    stdin: "ignore",
    buffer: { stdout: onLine === undefined },
    env: { PATH: searchPath(), LC_ALL: "C" },
    ...(cwd !== undefined && { cwd }),
  })
  if (onLine) for await (const line of child) onLine(line)
  const { code, exitCode, signal, stdout, stderr } = await child
  const neverStarted = code !== undefined && exitCode === undefined && signal === undefined
  // Not told by the code: a folder of the search path that may not be read makes it EACCES.
  if (neverStarted && !hasProgram(file)) throw new EngineError("program_missing", `The program ${file} was not found.`)
  if (neverStarted) throw new EngineError("internal", `The program ${file} could not be started: ${code}.`)
  return { exitCode, stdout: stdout ?? "", stderr }
}

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
