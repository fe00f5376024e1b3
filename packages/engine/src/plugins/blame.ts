import type { WireError } from "@veneer/sdk/call"
import type { Redactor } from "@veneer/sdk/contract"
import { UserError } from "@veneer/sdk/errors"
import { catalogue, EngineError, type Code } from "../errors.ts"
import { asEngineError } from "./broken.ts"
import { Thrown } from "./running.ts"

/** What a call failed with, as the engine throws it: free of secrets, and saying whose promise broke. */
export function blame(plugin: string, operation: string, error: unknown, redactor: Redactor): unknown {
  if (error instanceof Thrown) return thrown(`${plugin} ${operation}`, error.error, redactor)
  const known = asEngineError(error)
  if (!(known instanceof EngineError)) return known
  const { code, message, action, output, faults, cause } = known
  const safe = faults?.map((fault) => ({ pointer: redactor.text(fault.pointer), message: redactor.text(fault.message) }))
  return new EngineError(code, redactor.text(message), { action: redactor.text(action), ...(output !== undefined && { output: redactor.text(output) }), ...(safe && { faults: safe }), cause })
}

function thrown(call: string, error: WireError, redactor: Redactor): Error {
  const { kind } = error
  const message = redactor.text(error.message)
  const output = (text: string | undefined) => (text === undefined ? {} : { output: redactor.text(text) })
  if (kind === "script") return new EngineError("script_failed", message, output(tails(error)))
  if (kind === "other") return new EngineError("plugin_failed", `${call} threw an error that is no UserError: ${message}`, output(error.stack))
  const { code } = error
  const detail = { action: redactor.text(error.action), ...output(error.output) }
  if (kind === "user") return new UserError(message, { code: redactor.text(code), ...detail })
  if (code === "plugin_failed" || code === "plugin_limit") return new EngineError(code, `${call}: ${message}`, detail)
  return isCode(code) ? new EngineError(code, message, detail) : new EngineError("plugin_failed", `${call} failed: ${message}`, output(error.output))
}

const tails = ({ stdout, stderr }: WireError & { kind: "script" }) => [stderr, stdout].filter((text) => text.trim() !== "").join("\n")

const isCode = (code: string): code is Code => Object.hasOwn(catalogue, code)
