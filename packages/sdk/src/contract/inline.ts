import { Secret } from "../secret.ts"
import { failure, refuse } from "./answer.ts"
import type { Served } from "./bridge.ts"
import { ContractError } from "./error.ts"
import { FullText } from "./full-text.ts"
import type { CommandOutcome } from "./host.ts"
import { limits } from "./limits.ts"
import { quote } from "./quote.ts"
import type { Redactor } from "./redact.ts"
import type { InlineOptions, Requests } from "./requests.ts"
import { INLINE, inlineText } from "./shell-text.ts"
import { environmentVariables, tclVariables, variableNames } from "./variables.ts"

/** How an inline command ended, for its handler. */
interface Result {
  exitCode: number
  stdout: string
  stderr: string
  truncated: boolean
}

type OnLine = ((line: string) => void) | undefined

/** Runs commands that are no scripts of the plugin's. */
export class InlineCommands {
  readonly #served: Served

  constructor(served: Served) {
    this.#served = served
  }

  bash({ command, variables = {}, ...options }: Requests["bash"], onLine: OnLine): Promise<Result> {
    return this.#run(environmentVariables(variables) + command, options, "bash", onLine)
  }

  exec({ argv, variables = {}, ...options }: Requests["exec"], onLine: OnLine): Promise<Result> {
    return this.#run(`${environmentVariables(variables)}exec -- ${argv.map(quote).join(" ")}`, options, argv[0], onLine)
  }

  /** Variables and script are one text, which `expect` reads from standard input. */
  expect({ script, variables = {}, ...options }: Requests["expect"], onLine: OnLine): Promise<Result> {
    return this.#program("expect", ["expect", "-"], { ...options, stdin: tclVariables(variables) + script }, onLine)
  }

  /** One line that stays ASCII whatever the console: see `powershell.ps1`. */
  powershell({ script, variables = {}, ...options }: Requests["powershell"], onLine: OnLine): Promise<Result> {
    variableNames(variables)
    const plain = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, value instanceof Secret ? value.reveal() : value]))
    const stdin = `${Buffer.from(JSON.stringify({ variables: plain, script })).toString("base64")}\n`
    const bootstrap = Buffer.from(this.#served.programs.powershell, "utf16le").toString("base64")
    return this.#program("pwsh", ["pwsh", "-NoLogo", "-NoProfile", "-NonInteractive", "-EncodedCommand", bootstrap], { ...options, stdin }, onLine)
  }

  /** Runs a program that a host may lack. */
  async #program(name: string, argv: readonly string[], options: InlineOptions, onLine: OnLine): Promise<Result> {
    const { check = false, ...rest } = options
    const outcome = await this.#run(`${environmentVariables({})}exec -- ${argv.map(quote).join(" ")}`, rest, name, onLine)
    if (outcome.exitCode === 127 && outcome.stderr.includes(`exec: ${name}: not found`)) {
      throw new ContractError("program_missing", `The program ${name} is not on this host.`, { action: `Install ${packages[name] ?? name} there, then try again.` })
    }
    if (check && outcome.exitCode !== 0) throw failure(name, { ...outcome, timedOut: false }, this.#served.redactor)
    return outcome
  }

  /** One process: bash takes the text from its standard input, and `exec` in it becomes the program. */
  async #run(text: string, { user, cwd, login, stdin = "", check = false, timeoutMs = limits.timeoutMs }: InlineOptions, name: string, onLine: OnLine): Promise<Result> {
    const { host, signal, onStderr, redactor, context } = this.#served
    const fullText = new FullText(name, (line) => context.log(redactor.text(line)))
    const controller = new AbortController()
    const onStdout = (line: string) => {
      fullText.add(line)
      try {
        onLine?.(line)
      } catch (error) {
        controller.abort(error)
      }
    }
    const input = inlineText(text, stdin instanceof Secret ? stdin.reveal() : stdin)
    const outcome = await host.run({ argv: ["bash", "-c", INLINE], user, cwd, login, stdin: input, timeoutMs, signal: AbortSignal.any([signal, controller.signal]), onStdout, onStderr })
    refuse(name, outcome, { timeoutMs, wholeOutput: false, redactor })
    return ended(name, outcome, { check, redactor })
  }
}

const packages: Readonly<Record<string, string>> = { expect: "the package expect", pwsh: "PowerShell 7" }

function ended(name: string, outcome: CommandOutcome, { check, redactor }: { check: boolean; redactor: Redactor }): Result {
  const { exitCode, stdout, stderr, truncated } = outcome
  if (exitCode === undefined || (check && exitCode !== 0)) throw failure(name, outcome, redactor)
  return { exitCode, stdout, stderr, truncated }
}
