import { VeneerError, type Job } from "@veneer/engine/client"
import { InterruptedError } from "../errors.ts"
import type { Session } from "../session.ts"
import { liveView, plainView, type View } from "./bar.ts"

/** What is shown once a job has ended well. */
export interface Outcome {
  /** What --json prints, given the job as it ended. */
  document: (job: Job) => unknown
  /** What --quiet prints. */
  id: string
  /** What a person reads. */
  text: (job: Job) => string
}

/** Follows a job that a command started, to its end or, with --no-wait, not at all. */
export async function finish(session: Session, started: Job, outcome: Outcome): Promise<void> {
  const { output, options } = session
  if (options.wait === false) {
    output.result(outcome.document(started), { id: started.id, text: () => started.id })
    return
  }
  const job = await follow(session, started.id)
  const document = output.json ? await outcome.document(job) : undefined
  output.result(document, { id: outcome.id, text: () => outcome.text(job) })
}

/** Shows a job until it ends. @throws VeneerError with its problem when it did not end well; InterruptedError on Ctrl-C */
export async function follow(session: Session, id: string): Promise<Job> {
  const client = await session.client()
  const view = viewFor(session)
  const interruption = new AbortController()
  const interrupt = (): void => interruption.abort()
  process.once("SIGINT", interrupt)
  let job: Job
  try {
    job = await client.watchJob(id, {
      signal: interruption.signal,
      onJob: view?.update,
      ...(session.options.verbose === true && { onLine: ({ step, line }) => view?.line(step, line) }),
    })
  } catch (thrown) {
    if (interruption.signal.aborted) throw new InterruptedError(`Job ${id} goes on.`, `Watch it: veneer job watch ${id}\nCancel it: veneer job cancel ${id}`)
    throw thrown
  } finally {
    view?.end()
    process.off("SIGINT", interrupt)
  }
  if (job.state === "succeeded") return job
  throw new VeneerError(job.problem ?? { code: job.state, message: `Job ${id} was ${job.state}.`, action: `See \`veneer job show ${id}\`.` })
}

function viewFor({ output }: Session): View | undefined {
  if (output.json || output.quiet) return undefined
  return output.isInteractive ? liveView(output) : plainView()
}
