// What the engine and the testkit hold plugins, scripts and parameters against: one piece of code, so that what passes
// under one passes under the other.
export { ContractError } from "./error.ts"
export type { ContractCode, ContractErrorDetail } from "./error.ts"
export { OUTPUT_LIMIT } from "./host.ts"
export type { Command, DetachedCommand, CommandOutcome, ScriptHost } from "./host.ts"
export { acceptResult, acceptValue } from "./invoke.ts"
export type { Called } from "./invoke.ts"
export { createRedactor } from "./redact.ts"
export type { Redactor } from "./redact.ts"
export { deadlineOf } from "./results.ts"
export { RunBridge } from "./run-bridge.ts"
export type { Bridge, BridgeContext, BridgedPlugin } from "./run-bridge.ts"
export { SESSION_MARK } from "./variables.ts"
