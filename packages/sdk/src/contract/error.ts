import type { Fault } from "../values/index.ts"

/** Codes of the engine's catalogue that breaking the contract has. */
export type ContractCode =
  | "invalid_request" | "plugin_failed" | "plugin_limit" | "plugin_output_invalid" | "script_output_invalid" | "script_timeout" | "output_too_large"
  | "program_missing" | "file_missing" | "file_denied" | "file_unusable" | "credentials_missing"

/** What goes with a {@link ContractError}. */
export interface ContractErrorDetail {
  /** Instead of the catalogue's action, when more is known. */
  action?: string
  /** What a program said. */
  output?: string
  /** Per-field faults. */
  faults?: readonly Fault[]
}

/** A promise that a plugin, a script or whoever fills in a form gives, and that was broken. The engine adds what to do about it. */
export class ContractError extends Error {
  override readonly name = "ContractError"
  readonly code: ContractCode
  readonly action: string | undefined
  readonly output: string | undefined
  readonly faults: readonly Fault[] | undefined

  constructor(code: ContractCode, message: string, { action, output, faults }: ContractErrorDetail = {}) {
    super(message)
    this.code = code
    this.action = action
    this.output = output
    this.faults = faults
  }
}
