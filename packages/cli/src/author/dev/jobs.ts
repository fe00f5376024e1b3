import type { Client, Job } from "@veneer/engine/client"
import { duration } from "../../text/format.ts"

/** Where what happens is told. */
export interface Teller {
  /** A line about something by its name: a job, the plugin, types. */
  (what: string, line: string, kind?: "good" | "bad"): void
}

/** Tells of every job of an engine from now on: its steps as they end, its log lines, why it failed. */
export async function tellJobs(client: Client, tell: Teller, signal: AbortSignal): Promise<void> {
  const known = new Set<string>()
  await client.watchEvents({
    signal,
    onEvent: ({ kind, subjectId }) => {
      if (!kind.startsWith("job.") || known.has(subjectId)) return
      known.add(subjectId)
      // Lost with the engine, which is told of elsewhere.
      tellJob(client, subjectId, tell, signal).catch(() => undefined)
    },
  }).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}

async function tellJob(client: Client, id: string, tell: Teller, signal: AbortSignal): Promise<void> {
  let name = id
  let told = 0
  let quiet = false
  const steps = ({ kind, subject, steps: all }: Job): void => {
    name = `${kind} ${subject.name}`
    // Discovery follows every reload; only what it logs and how it fails is of interest.
    quiet = kind === "discover"
    for (const step of all.slice(told)) {
      if (step.state === "running") break
      told++
      if (!quiet) tell(name, `${step.name}${step.ms === undefined ? "" : ` ${duration(step.ms)}`}${step.state === "done" ? "" : ` ${step.state}`}`)
    }
  }
  const lines: string[] = []
  const job = await client.watchJob(id, {
    signal, onJob: (current) => {
      steps(current)
      for (const line of lines.splice(0)) tell(name, `| ${line}`)
    },
    onLine: ({ line }) => void (name === id ? lines.push(line) : tell(name, `| ${line}`)),
  })
  if (job.state === "succeeded") return quiet ? undefined : tell(name, "succeeded", "good")
  const { message = `it was ${job.state}`, action = "", output } = job.problem ?? {}
  tell(name, `${job.state}: ${message}`, "bad")
  for (const line of [action, ...(output?.trimEnd().split("\n") ?? [])].filter((text) => text !== "")) tell(name, `  ${line}`)
}
