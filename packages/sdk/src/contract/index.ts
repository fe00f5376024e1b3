// What the engine and the testkit hold plugins, scripts and parameters against: one piece of code, so that what passes
// under one passes under the other.
export { answerOf, failure, refuse } from "./answer.ts"
export type { EndedCommand } from "./answer.ts"
export { ContractError } from "./error.ts"
export type { ContractCode, ContractErrorDetail } from "./error.ts"
export { acceptResult, acceptValue } from "./invoke.ts"
export type { Called } from "./invoke.ts"
export { quote } from "./quote.ts"
export { createRedactor } from "./redact.ts"
export type { Redactor } from "./redact.ts"
export { deadlineOf } from "./results.ts"
export { environmentVariables, scriptVariables, SESSION_MARK } from "./variables.ts"
