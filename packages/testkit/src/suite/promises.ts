import { ScriptError, UserError } from "@veneer/sdk"
import type { ContractCode } from "@veneer/sdk/contract"
import { Stuck } from "../operation/operation.ts"

/** A promise and what to do when it was broken. */
export interface Broken {
  promise: string
  action: string
}

const ALONE: Broken = {
  promise: "A handler meets hosts that lack programs and files, and tells the person in a UserError what to do.",
  action: "Catch the code where it may come up, or mend the host or the parameters that the test gives.",
}

const AGAIN: Broken = {
  promise: "Every operation may be called again after a crash, so each must be idempotent.",
  action: "Find out what is there already and go on from it; remove only what is there.",
}

const WORKS: Broken = {
  promise: "Every operation succeeds on the data, parameters and host that the test gives.",
  action: "Read what it says and the log below; if the parameters or the host are to blame, mend the test.",
}

const byCode: Readonly<Record<string, Broken>> = {
  invalid_request: { promise: "Parameters fit the plugin's schemas.", action: "Give the test parameters that fit, or mend the schema." },
  plugin_failed: { promise: "A handler throws UserErrors for what a person can mend, lets ScriptErrors pass, and asks only for what it declares.", action: "Mend the handler at the place that the message names." },
  plugin_output_invalid: { promise: "Every handler returns what the next schema asks for.", action: "Return a value that fits the schema, or mend the schema." },
  script_output_invalid: { promise: "A script emits exactly one JSON document, of the shape it declares, and nothing else on standard output.", action: "Emit what the declaration says, once; send everything else to standard error." },
  script_timeout: { promise: "A script ends within its time-out: ten minutes unless it is told another.", action: "Find out in the log what it waits for; run what takes long with run.detached." },
  output_too_large: { promise: "A script writes at most 8 MiB to its standard output.", action: "Emit less; write what is large into the dataset." },
} satisfies Partial<Record<ContractCode, Broken>>

const OBEYS: Broken = {
  promise: "A cancelled handler ends within 15 seconds; every call of run ends with the job's signal.",
  action: "Hand the signal on to whatever the handler waits for besides run, and don't go on after run was cancelled.",
}

/** Which promise an operation broke that ended with an error. */
export function brokenBy(error: unknown, { again }: { again: boolean }): Broken {
  if (error instanceof Stuck) return OBEYS
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined
  if (typeof code === "string" && !(error instanceof UserError)) return byCode[code] ?? ALONE
  if (again && (error instanceof UserError || error instanceof ScriptError)) return AGAIN
  return WORKS
}
