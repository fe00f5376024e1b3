import { decode, decodeError, encode, encodeError, type Method } from "@veneer/sdk/call"
import { isObject } from "@veneer/sdk/values"
import { folderOf } from "../operation/folder.ts"
import { isService, serviceOf } from "./bridge.ts"
import type { HostCall, Serve, TestHost } from "./host.ts"
import { masked, withNames, withTexts, type Volatile } from "./placeholders.ts"
import { firstDifference, readRecording, writeRecording, type RecordedCall, type Recording } from "./recording.ts"
import { describeCall, scriptedCall } from "./scripted-call.ts"

/** How a recording is made and compared. */
export interface RecordedHostOptions {
  /** The real host; made only when there is something to record. */
  from: () => TestHost
  /** Whether to record. Only the environment variable VENEER_RECORD=1 does so unless told. */
  record?: boolean
  /**
   * What differs from run to run in what the plugin asks, by the name that stands for it in the file. A text is also put
   * into the answers of a replay; what a pattern matches is only left out of comparisons. The suite's own folders, ids and
   * ports need not be named.
   */
  volatile?: Readonly<Record<string, string | RegExp>>
}

/** Where all of it stands when a host is a recording. */
export interface RecordedHost extends TestHost {
  /** Whether it is being recorded now. */
  readonly isRecording: boolean
}

/**
 * A host that was recorded once and is replayed anywhere: what a plugin asks must be what it asked then, in whatever order.
 * Secrets are left out of the file, which is JSON made to be read and reviewed. It is written when the host is closed.
 *
 * @example
 * const host = recordedHost(new URL("./recordings/discover.json", import.meta.url), { from: localHost })
 * afterAll(() => host.close())
 * expect(await callOperation(plugin, "discovery.repositories", {}, { host, scripts })).toHaveLength(1)
 */
export function recordedHost(file: string | URL, { from, record = process.env["VENEER_RECORD"] === "1", volatile = {} }: RecordedHostOptions): RecordedHost {
  const path = folderOf(file) ?? ""
  return record ? recording(path, from(), volatile) : replaying(path, volatile)
}

type Named = Readonly<Record<string, string | RegExp>>

function recording(file: string, host: TestHost, named: Named): RecordedHost {
  const { name, address, user, isHere } = host
  const made: Recording = { format: 1, host: { name, address, ...(user !== undefined && { user }) }, calls: [] }
  let requests = 0
  const begin = (call: HostCall): Serve => async (method, params, onLine) => {
    if (isService(method)) return serviceOf(call).serve(method, params)
    requests += 1
    const texts = () => textsOf(call, named)
    const clean = (value: unknown) => withNames(redacted(masked(value), call), texts())
    const entry: RecordedCall = { operation: call.operation, method, params: clean(asked(method, params)), log: [] }
    made.calls.push(entry)
    const log = (line: string) => {
      entry.log.push(String(clean(line)))
      call.log(line)
    }
    try {
      const answer = await host.begin({ ...call, key: `${call.key}/${requests}`, log })(method, params, onLine)
      entry.answer = clean(encode(answer))
      return answer
    } catch (error) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only the texts in it are changed
      entry.error = clean(encodeError(error)) as typeof entry.error
      throw error
    }
  }
  return {
    name, address, user, isHere, isRecording: true, begin, complaints: [], running: () => host.running(),
    close: async () => {
      writeRecording(file, made)
      await host.close()
    },
  }
}

function replaying(file: string, named: Named): RecordedHost {
  const { host, calls } = readRecording(file)
  const left = [...calls]
  const complaints: string[] = []
  const take = (call: HostCall, method: Method, params: unknown): RecordedCall => {
    const now = { operation: call.operation, method, params: withNames(redacted(masked(asked(method, params)), call), textsOf(call, named)) }
    const index = left.findIndex((entry) => differenceOf(entry, now, named) === undefined)
    const [found] = index < 0 ? [] : left.splice(index, 1)
    if (found) return found
    const message = mismatch(file, left, now, named, describeCall(scriptedCall(call.operation, method, decode(params))))
    complaints.push(message)
    throw new Error(message)
  }
  const begin = (call: HostCall): Serve => async (method, params, onLine) => {
    if (isService(method)) return serviceOf(call).serve(method, params)
    const { log, answer, error } = take(call, method, params)
    const live = (value: unknown) => withTexts(value, textsOf(call, named))
    for (const line of log) call.log(String(live(line)))
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only the texts in it were changed
    if (error) throw decodeError(live(error) as typeof error)
    const answered = decode(live(answer))
    const said = isObject(answered) ? answered["stdout"] : undefined
    if (onLine && typeof said === "string") for (const line of said.split("\n").slice(0, -1)) onLine(line)
    return answered
  }
  return { name: host.name, address: host.address, user: host.user, isHere: false, isRecording: false, begin, complaints, running: () => [], close: async () => {} }
}

/** A script's declaration is the plugin's own affair: its values are what is asked. */
function asked(method: Method, params: unknown): unknown {
  if (!isObject(params) || (method !== "script" && method !== "detached")) return params
  const { variables: _kinds, output: _schema, ...rest } = params
  return rest
}

type Asked = Pick<RecordedCall, "operation" | "method" | "params">

/** Said of the call that is meant: the next of the same kind, else the next at all. */
function mismatch(file: string, left: readonly RecordedCall[], asked: Asked, named: Named, what: string): string {
  const next = left.find(({ operation, method }) => operation === asked.operation && method === asked.method) ?? left[0]
  const difference = next ? differenceOf(next, asked, named) : "it has no more calls"
  return `The recording ${file} has nothing for ${what}: ${difference}. If the change is meant, record it again with VENEER_RECORD=1.`
}

function differenceOf({ operation, method, params }: RecordedCall, asked: Asked, named: Named): string | undefined {
  if (operation !== asked.operation || method !== asked.method) return `the next call was ${operation}'s run.${method}`
  return firstDifference(withoutPatterns(params, named), withoutPatterns(asked.params, named))
}

const textsOf = (call: HostCall, named: Named): Volatile =>
  new Map([...call.volatile(), ...Object.entries(named).filter((entry): entry is [string, string] => typeof entry[1] === "string")])

/** Texts within texts, too: a secret in a command line that the plugin put together. */
const redacted = (value: unknown, { redactor }: HostCall): unknown => mapTexts(value, (text) => redactor.text(text))

function withoutPatterns(value: unknown, named: Named): unknown {
  const patterns = Object.entries(named).filter((entry): entry is [string, RegExp] => entry[1] instanceof RegExp)
  return mapTexts(value, (text) => patterns.reduce((so, [name, { source, flags }]) => so.replaceAll(new RegExp(source, flags.includes("g") ? flags : `${flags}g`), `<${name}>`), text))
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value)
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, change)]))
}
