import type { DsourceRecord } from "../catalog/dsources.ts"
import type { VdbRecord } from "../catalog/vdbs.ts"
import { EngineError } from "../errors.ts"
import type { Effect, Job } from "../jobs/job.ts"
import type { Subject } from "./call.ts"
import type { Engine } from "./engine.ts"

/** Bytes of a failing hook's output that its error shows. */
const SHOWN_BYTES = 4096

type Hooked = Pick<DsourceRecord | VdbRecord, "hooks">

/** Runs the user's script for one point of a workflow; without one there is no step. */
export async function runHook(engine: Engine, job: Job, hook: string, subject: Subject, { hooks }: Hooked, mounts: readonly string[] = []): Promise<void> {
  const script = hooks[hook]
  if (script !== undefined) await job.step(hook, hookEffect(engine, hook, script, subject, mounts))
}

/** Runs `body`, then the user's script for one point, whether or not `body` failed. */
export function ensureHook<T>(engine: Engine, job: Job, hook: string, subject: Subject, { hooks }: Hooked, body: () => Promise<T>): Promise<T> {
  const script = hooks[hook]
  return script === undefined ? body() : job.ensuring(hook, hookEffect(engine, hook, script, subject, []), body)
}

/** The script is read from standard input, so that its text shows in no process listing. */
function hookEffect(engine: Engine, hook: string, script: string, subject: Subject, mounts: readonly string[]): Effect<null> {
  return {
    run: async (step) => {
      const host = engine.hosts.host(subject.environment)
      const facts = { VENEER_HOOK: hook, VENEER_OBJECT: subject.kind, VENEER_ID: subject.id, VENEER_NAME: subject.name, VENEER_MOUNT: mounts[0] ?? "" }
      const outcome = await host.run({
        argv: ["env", ...Object.entries(facts).map(([name, value]) => `${name}=${value}`), "bash", "-s"],
        stdin: script, signal: step.signal, onStderr: (line) => step.log(line),
      })
      for (const line of outcome.stdout.split("\n").filter(Boolean)) step.log(line)
      if (outcome.exitCode === 0) return null
      throw new EngineError("hook_failed", `The hook "${hook}" of "${subject.name}" ended with ${outcome.exitCode ?? "a signal"}.`, { output: `${outcome.stdout}${outcome.stderr}`.slice(-SHOWN_BYTES) })
    },
  }
}
