import { setTimeout as delay } from "node:timers/promises"
import { decode, type Method } from "@veneer/sdk/call"
import { RunBridge, type Command } from "@veneer/sdk/contract"
import { After, InTurn, type Answer, type ScriptedCall } from "./answers.ts"
import { scriptsIn } from "./artifact.ts"
import type { HostCall, TestHost } from "./host.ts"
import { describeCall, namesOf, scriptedCall } from "./scripted-call.ts"
import { movedOf, outcomeOf } from "./scripted-outcome.ts"

/** A host that only knows its lines, and remembers what was asked of it. */
export interface ScriptedHost extends TestHost {
  /** Everything that was asked, in order. */
  readonly calls: readonly ScriptedCall[]
  /** What nobody had an answer to, as told to the plugin. Empty in a test that says all it expects. */
  readonly unexpected: readonly string[]
}

/** How a scripted host appears. */
export interface ScriptedHostOptions {
  name?: string
  address?: string
}

/**
 * A host without a machine: it answers by the name of a script (`"find.sh"`), a program (`"rsync"`, or with all its
 * arguments), an inline command (its text, or first word), or the path that `run.sync` and `files` ask for.
 *
 * A script's answer is the document it emits; a command's is its standard output, or `{ exitCode, stdout, stderr }`; that to
 * `run.sync` is what it moved, to `files.read` the content, to `files.stat` the facts, or nothing for a file that isn't
 * there. An error is thrown as the script's own (`UserError`), as its bad end (`ScriptError`), or as the host's (any other). A
 * function is called with what was asked and returns one of these; {@link inTurn} and {@link after} make sequences and
 * delays. What is asked and not known is an error that names both.
 *
 * The plugin's scripts don't run, but their declarations count: variables and answers are held against them.
 *
 * @example
 * const host = scriptedHost({
 *   "find.sh": { repositories: [{ path: "/opt/notes" }] },
 *   "ingest.sh": inTurn(new ScriptError("ingest.sh was killed.", { … }), undefined),
 *   "id": ({ params }) => "1000\n",
 * })
 * await callOperation(plugin, "discovery.repositories", {}, { host })
 * expect(host.calls.map(({ name }) => name)).toEqual(["find.sh"])
 */
export function scriptedHost(answers: Readonly<Record<string, Answer>>, { name = "scripted", address = "192.0.2.1" }: ScriptedHostOptions = {}): ScriptedHost {
  const calls: ScriptedCall[] = []
  const unexpected: string[] = []

  const find = (call: ScriptedCall): Answer => {
    const key = namesOf(call).find((known) => Object.hasOwn(answers, known))
    if (key !== undefined) return answers[key]
    const expected = Object.keys(answers)
    const message = `Nobody expected ${describeCall(call)}. This host answers to: ${expected.length > 0 ? expected.join(", ") : "nothing"}.`
    unexpected.push(message)
    throw new Error(message)
  }

  const serve = (host: HostCall) => async (method: Method, params: unknown, onLine?: (line: string) => void): Promise<unknown> => {
    if (method === "reserve") return bridge(host, { reply: nobody, scripts: [] }).serve(method, params)
    const call = scriptedCall(host.operation, method, decode(params))
    calls.push(call)
    const reply = async () => settled(find(call), call, host.signal)
    return bridge(host, { reply, method, scripts: isScript(method) ? [call.name] : [] }).serve(method, params, onLine)
  }

  return { name, address, user: undefined, isHere: false, calls, unexpected, begin: serve, running: () => [], close: async () => {} }
}

const isScript = (method: string) => method === "script" || method === "detached"

const nobody = () => Promise.reject(new Error("There is no machine behind this host."))

interface Line {
  /** What the one who is asked says. */
  reply: () => Promise<unknown>
  method?: Method
  /** Where the test names no folder, every script that is asked for counts as one of the plugin's. */
  scripts: readonly string[]
}

/** The engine's own bridge, so that requests and answers are held against what it holds them against. */
function bridge({ plugin, key, signal, log, progress, redactor, validator, ports }: HostCall, { reply, method, scripts }: Line): RunBridge {
  const known = plugin.scripts === undefined ? scripts : scriptsIn(plugin.scripts)
  const runDetached = async () => outcomeOf(method, await reply())
  const run = async ({ onStdout }: Command) => {
    const outcome = await runDetached()
    if (onStdout) for (const line of outcome.stdout.split("\n").slice(0, -1)) onStdout(line)
    return outcome
  }
  return new RunBridge({
    plugin: { manifest: { id: plugin.id, checksums: Object.fromEntries(known.map((script) => [`scripts/${script}`, ""])) }, artifact: "" },
    host: { run, runDetached, artifactPath: async () => "/artifact" }, programs: { files: "", powershell: "" }, context: { key, log, progress }, signal, redactor, validator, ports,
    sync: async () => movedOf(await reply()),
  })
}

/** Down to what is said in the end. */
async function settled(answer: unknown, call: ScriptedCall, signal: AbortSignal): Promise<unknown> {
  const reply: unknown = await answer
  if (reply instanceof InTurn) return settled(reply.next(), call, signal)
  if (typeof reply === "function") return settled(Reflect.apply(reply, undefined, [call]), call, signal)
  if (!(reply instanceof After)) return reply
  await delay(reply.delayMs, undefined, { signal }).catch(() => signal.throwIfAborted())
  return settled(reply.answer, call, signal)
}
