import { EngineError } from "./errors.ts"

/** Why a signal stopped something: the reason it was aborted with, where that is an error of ours. */
export function cancelledBy(signal: AbortSignal | undefined, what: string): EngineError {
  return signal?.reason instanceof EngineError ? signal.reason : new EngineError("cancelled", what)
}
