import { ScriptError, UserError } from "../errors.ts"
import { isObject } from "../values/index.ts"
import { ContractError } from "./error.ts"
import type { CommandOutcome } from "./host.ts"
import { limits, mebibytes } from "./limits.ts"
import type { Redactor } from "./redact.ts"

/** The last lines of a stream, at most 4 KiB. Secrets are taken out before it is cut, or a part of one would stay. */
function tail(output: string, redactor: Redactor): string {
  const text = redactor.text(output)
  if (text.length <= limits.tailBytes) return text
  const cut = text.slice(-limits.tailBytes)
  return cut.slice(cut.indexOf("\n") + 1) || cut
}

/** Refuses what no program may do: run over its time, or write more than is kept. */
export function refuse(command: string, { timedOut, truncated, stderr }: CommandOutcome, { timeoutMs, wholeOutput, redactor }: { timeoutMs: number | undefined; wholeOutput: boolean; redactor: Redactor }): void {
  if (timedOut) throw new ContractError("script_timeout", `${command} did not end within ${(timeoutMs ?? 0) / 1000} s and was stopped.`, { output: tail(stderr, redactor) })
  if (truncated && wholeOutput) throw new ContractError("output_too_large", `${command} wrote more than ${mebibytes(limits.outputBytes)} to its standard output.`, { output: tail(stderr, redactor) })
}

/** How a command ended that was expected to end well. */
export function failure(command: string, { exitCode, stdout, stderr }: CommandOutcome, redactor: Redactor): ScriptError {
  const how = exitCode === undefined ? "was killed" : `ended with exit code ${exitCode}`
  return new ScriptError(`${command} ${how}.`, { command, exitCode, stdout: tail(stdout, redactor), stderr: tail(stderr, redactor) })
}

/**
 * What a script said on its standard output, by the script contract: one JSON document, or an error.
 * @throws UserError for the script's own error; ScriptError when it ended badly without one; ContractError `script_output_invalid`
 */
export function answerOf(script: string, outcome: CommandOutcome, redactor: Redactor): unknown {
  const text = outcome.stdout.trim()
  const document = parsed(text)
  const error = isObject(document?.value) ? document.value["error"] : undefined
  if (isObject(error)) throw userError(script, error)
  if (outcome.exitCode !== 0) throw failure(script, outcome, redactor)
  if (text === "") return undefined
  if (!document) throw new ContractError("script_output_invalid", `${script} wrote something to its standard output that is not one JSON document.`, { output: tail(text, redactor) })
  return document.value
}

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

function userError(script: string, { code, message, action, output }: Readonly<Record<string, unknown>>): Error {
  if (typeof code !== "string" || typeof message !== "string" || typeof action !== "string") {
    return new ContractError("script_output_invalid", `${script} emitted an error without code, message and action.`)
  }
  return new UserError(message, { code, action, ...(typeof output === "string" && { output }) })
}
