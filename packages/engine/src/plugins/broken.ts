import { ContractError } from "@veneer/sdk/contract"
import { EngineError } from "../errors.ts"

/** A broken promise of the contract as an error of the engine's catalogue; everything else as it is. */
export function asEngineError(error: unknown): unknown {
  if (!(error instanceof ContractError)) return error
  const { code, message, action, output, faults } = error
  return new EngineError(code, message, { ...(action !== undefined && { action }), ...(output !== undefined && { output }), ...(faults && { faults }) })
}
