import type { WireError } from "@veneer/sdk/call"
import { limits, mebibytes } from "@veneer/sdk/contract"
import type { Ending } from "./ending.ts"

const limit = (what: string, action: string): Ending => ({ code: "plugin_limit", what, action })

const HEAP = limit(
  `its process used more than ${mebibytes(limits.heapBytes)} for JavaScript values, which is all it may have`,
  "Have a script on the host do what needs so much, and look for what the plugin keeps between calls; then build it anew.",
)
const MEMORY = limit(
  `its process used more than ${mebibytes(limits.memoryBytes)} of memory, which is all it may have`,
  "Have a script on the host do what needs so much, and look for buffers that the plugin keeps between calls; then build it anew.",
)
const TASKS = limit(
  `its process started more than ${limits.tasks} processes and threads, which is all it may have at once`,
  "Start programs on the host, with `run`, which is what it is for.",
)
const FILES = limit("its process wrote a file on the engine's machine, which it may not", "Write files on the host, with `files.write` or a script.")

/** How Node and the system say it. */
const overruns: readonly [RegExp, Ending][] = [
  [/^RangeError: Array buffer allocation failed/, MEMORY],
  [/^(?:\w*Error: )?(?:\[?ERR_MEMORY_ALLOCATION_FAILED|Cannot allocate memory)/, MEMORY],
  [/^FATAL ERROR: .*process out of memory/i, MEMORY],
  [/^FATAL ERROR: .*heap out of memory/, HEAP],
  [/^Error \[ERR_WORKER_OUT_OF_MEMORY\]/, HEAP],
  [/^(?:Error: )?(?:spawn\w* .*EAGAIN|EAGAIN$|.*pthread_create: Resource temporarily unavailable)/, TASKS],
  [/^Error \[ERR_WORKER_INIT_FAILED\]/, TASKS],
  [/^Error: EFBIG: file too large, write/, FILES],
]

/** The limit that a line names which a process printed, if it names one. */
const named = (line: string): Ending | undefined => overruns.find(([pattern]) => pattern.test(line))?.[1]

/** The limit that what a handler threw comes of, if it does. */
export function overrunOf(error: WireError): Ending | undefined {
  if (error.kind !== "other") return undefined
  const [first = error.message] = error.stack?.split("\n", 1) ?? []
  return named(first)
}

/** The limit that the last lines of a process name, if they name one. */
export function lastOverrun(lines: readonly string[]): Ending | undefined {
  for (const line of lines.toReversed()) {
    const found = named(line)
    if (found) return found
  }
  return undefined
}
