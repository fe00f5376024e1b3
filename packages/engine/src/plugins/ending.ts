import { limits, mebibytes } from "@veneer/sdk/contract"
import { EngineError, type Code } from "../errors.ts"

/** Why a plugin's process ended before its calls did: what it did, and the promise that this broke. */
export interface Ending {
  code: Code
  /** A clause that follows the call's name: `its process exited with code 7: …`. */
  what: string
  /** Instead of the catalogue's action, when more is known. */
  action?: string
  /** What it printed last. */
  output?: string | undefined
}

/** What one call ended with; `beside` names the others that were under way in the same process. */
export function endingOf(call: string, { code, what, action, output }: Ending, beside: readonly string[] = []): EngineError {
  const others = beside.length === 0 ? "" : ` Another call in the same process may be to blame: ${[...new Set(beside)].join(", ")}.`
  return new EngineError(code, `${call}: ${what}.${others}`, { ...(action !== undefined && { action }), ...(output !== undefined && { output }) })
}

/** What the calls beside the one to blame end with. */
export const bystander = ({ message }: EngineError): Ending => ({ code: "plugin_exited", what: `its process was ended because of another call: ${message.replace(/\.$/, "")}` })

const limit = (what: string, action: string): Ending => ({ code: "plugin_limit", what, action })

/** What a process does to end all its calls, apart from ending itself. */
export const endings = {
  noJson: { code: "plugin_failed", what: "its process wrote a line that is no JSON to descriptor 3, which is the SDK's alone; `veneer plugin logs` has it" },
  noMessage: { code: "plugin_failed", what: "its process wrote something to descriptor 3, which is the SDK's alone, that is no message of the plugin protocol" },
  tooLong: limit(`its process sent more than ${mebibytes(limits.messageBytes)} at once, which is all that an answer or a request may have`, "Return less, and leave what is large in files on the host."),
  toldTooMuch: limit(`it handed more than ${mebibytes(limits.toldBytes)} to log and progress, which is all that one call may`, "Log less, and leave what is long in a file on the host."),
  printedTooMuch: limit(`its process printed more than ${mebibytes(limits.printedBytes)}, which is all it may while calls are under way`, "Print less: `log` is for what belongs to a job."),
  notLoaded: { code: "plugin_timeout", what: `its code did not load within ${limits.loadMs / 1000} s` },
  unloaded: { code: "plugin_exited", what: "its process was ended because the plugin is being unloaded" },
  stuck: (silentMs: number): Ending => ({ code: "plugin_timeout", what: `its process has not yielded for ${silentMs / 1000} s: its code is stuck in a loop, or waits without \`await\`` }),
  /** @param lines what it printed last */
  gone: (how: string, lines: readonly string[]): Ending => ({ code: "plugin_exited", what: `its process ${how}: ${lines.some((line) => LAST_LINE.test(line)) ? "an error was thrown where nothing catches it, in a timer or at an event" : "a plugin ends its calls, and never its process"}` }),
} as const satisfies Record<string, Ending | ((...facts: never[]) => Ending)>

/** What Node prints last when an error ends it that nobody caught. */
const LAST_LINE = /^Node\.js v\d/
