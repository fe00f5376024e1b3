import { setTimeout as delay } from "node:timers/promises"
import { decode, type Method } from "@veneer/sdk/call"
import type { Command, RunBridge } from "@veneer/sdk/contract"
import { After, InTurn, type Answer, type ScriptedCall } from "./answers.ts"
import { scriptsIn } from "./artifact.ts"
import { bridgeOf, isService, serviceOf } from "./bridge.ts"
import type { HostCall, TestHost } from "./host.ts"
import { describeCall, namesOf, scriptedCall } from "./scripted-call.ts"
import { movedOf, outcomeOf } from "./scripted-outcome.ts"

/** A host that only knows its lines, and remembers what was asked of it. */
export interface ScriptedHost extends TestHost {
  /** Everything that was asked, in order. */
  readonly calls: readonly ScriptedCall[]
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
  const complaints: string[] = []

  const find = (call: ScriptedCall): Answer => {
    const key = namesOf(call).find((known) => Object.hasOwn(answers, known))
    if (key !== undefined) return answers[key]
    const expected = Object.keys(answers)
    const message = `Nobody expected ${describeCall(call)}. This host answers to: ${expected.length > 0 ? expected.join(", ") : "nothing"}.`
    complaints.push(message)
    throw new Error(message)
  }

  const serve = (host: HostCall) => async (method: Method, params: unknown, onLine?: (line: string) => void): Promise<unknown> => {
    if (isService(method)) return serviceOf(host).serve(method, params)
    const call = scriptedCall(host.operation, method, decode(params))
    calls.push(call)
    return bridge(host, call, async () => settled(find(call), call, host.signal)).serve(method, params, onLine)
  }

  return { name, address, user: undefined, isHere: false, calls, complaints, begin: serve, running: () => [], close: async () => {} }
}

const isScript = (method: string) => method === "script" || method === "detached"

/** @param reply what the one who is asked says */
function bridge(call: HostCall, { name, method }: ScriptedCall, reply: () => Promise<unknown>): RunBridge {
  const runDetached = async () => outcomeOf(method, await reply())
  const run = async ({ onStdout }: Command) => {
    const outcome = await runDetached()
    if (onStdout) for (const line of outcome.stdout.split("\n").slice(0, -1)) onStdout(line)
    return outcome
  }
  // Where the test names no folder, every script that is asked for counts as one of the plugin's.
  const asked = isScript(method) ? [name] : []
  return bridgeOf(call, {
    scripts: call.plugin.scripts === undefined ? asked : scriptsIn(call.plugin.scripts),
    host: { run, runDetached, artifactPath: async () => "/artifact" }, programs: { files: "", powershell: "" }, sync: async () => movedOf(await reply()),
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
