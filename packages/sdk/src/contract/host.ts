/** One run of a program on a host. */
export interface Command {
  /** The program and its arguments; no shell between. */
  argv: readonly [string, ...string[]]
  /** OS user; undefined is the environment's own. */
  user?: string | undefined
  cwd?: string | undefined
  stdin?: string | undefined
  timeoutMs?: number | undefined
  signal?: AbortSignal | undefined
  /** Start it from a login shell of the OS user ({@link fromLoginShell}). */
  login?: boolean | undefined
  /** Called with each whole line of standard output as it comes. */
  onStdout?: ((line: string) => void) | undefined
  /** Called with each whole line of standard error as it comes. */
  onStderr?: ((line: string) => void) | undefined
}

/** How it ended. Of standard output the first `limits.outputBytes` are kept, of standard error the last. */
export interface CommandOutcome {
  /** Undefined when a signal ended it. */
  exitCode: number | undefined
  stdout: string
  stderr: string
  /** Whether standard output was longer than what is kept. */
  truncated: boolean
  timedOut: boolean
}

/** A long-running script that outlives the engine. */
export interface DetachedCommand extends Omit<Command, "argv" | "onStdout"> {
  /** Absolute path of the script on the host. */
  script: string
  /** Derived from job and step: the same key attaches to the run that has it. */
  key: string
}

/** As much of a host as a plugin's calls need. */
export interface ScriptHost {
  /** Runs a program to its end, its whole process group with it: on time-out or abort all of it is killed before this returns. */
  run(command: Command): Promise<CommandOutcome>
  /** Starts, or attaches to, a detached run and follows it to its end. An abort kills it. */
  runDetached(command: DetachedCommand): Promise<CommandOutcome>
  /** The folder on the host that holds an unpacked artifact, readable for every OS user. */
  artifactPath(artifact: string): Promise<string>
}
