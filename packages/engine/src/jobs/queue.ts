import type { Catalog } from "../catalog/catalog.ts"
import { claimJob, expireLeases, moveJob, renewLeases, requestCancel, type Claim, type JobRecord } from "../catalog/jobs.ts"
import type { JobState } from "../catalog/schema.ts"
import { EngineError, problemOf, type Problem } from "../errors.ts"
import type { Changes } from "./changes.ts"
import type { Job, JobObserver } from "./job.ts"
import { JobLog } from "./log.ts"
import { Runner } from "./runner.ts"

/** What a queue works with. */
export interface QueueOptions {
  catalog: Catalog
  engineId: string
  changes: Changes
  observe: JobObserver
  /** The workflow of each kind of job. */
  workflows: Readonly<Record<string, (job: Job, request: Record<string, unknown>) => Promise<void>>>
  /** Undoes the request of a job that ends before its first step: what that step would have undone. Repeated when cut off. */
  unbegun: (catalog: Catalog, job: JobRecord) => Promise<void>
  /** Clears up after a job that is about to end, however it does; repeated when that is cut off. */
  ending: (jobId: string) => Promise<void>
  /** Jobs this engine runs at once. */
  concurrency: number
  /** How long a claim holds without being renewed. */
  leaseMs: number
  /** Told what went wrong outside any job. */
  report: (thrown: unknown) => void
}

/** After these a job may run that could not before. */
const MAKES_ROOM = new Set(["job.queued", "job.succeeded", "job.failed", "job.cancelled"])
/** The fence of a job that nobody has claimed before. */
const FIRST_FENCE = 1

/** Room for one more job on this engine, kept for a job that is about to be written. */
export interface Slot {
  /** To write the job with. */
  readonly claim: Claim
  /** Runs the job once it is committed, if it was claimed as it was written; else the room is anybody's again. */
  run(job: JobRecord | undefined): void
}

interface Running {
  fence: number
  cancelled: AbortController
  lost: AbortController
  ended: Promise<void>
}

/** Claims jobs under a lease, runs them and records how they end. */
export class Queue {
  readonly #options: QueueOptions
  readonly #running = new Map<string, Running>()
  #claiming: Promise<void> | undefined
  #again = false
  /** Room kept for jobs that are being written. */
  #kept = 0
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(options: QueueOptions) {
    this.#options = options
  }

  /** Takes up what this engine's dead former self left, then whatever waits. */
  async start(): Promise<void> {
    const { catalog, engineId, leaseMs, report } = this.#options
    await expireLeases(catalog, engineId)
    this.#timer = setInterval(() => void this.#renew().catch(report), leaseMs / 3)
    this.poke()
  }

  /** Looks for jobs to run; called whenever there may be one. */
  poke(): void {
    if (this.#stopped) return
    if (this.#claiming) {
      this.#again = true
      return
    }
    this.#claiming = this.#claimAll()
      .catch(this.#options.report)
      .finally(() => {
        this.#claiming = undefined
        if (this.#again) {
          this.#again = false
          this.poke()
        }
      })
  }

  /** Room for a job that is about to be written, so that it need not be looked for; undefined where there is none. */
  slot(): Slot | undefined {
    if (!this.#hasRoom()) return undefined
    this.#kept++
    return {
      claim: this.#claim(),
      run: (job) => {
        this.#kept--
        if (job?.state === "running" && !this.#stopped) this.#take(job)
        else this.poke()
      },
    }
  }

  /** Some engine wrote an event of this kind; of every kind, if none is told. */
  heard(kind?: string): void {
    if (kind === undefined || MAKES_ROOM.has(kind)) this.poke()
  }

  /** Asks for a job's end. @returns whether it could still be asked */
  async cancel(id: string): Promise<boolean> {
    const asked = await requestCancel(this.#options.catalog, id, problemOf(cancellation()), this.#options.unbegun)
    if (asked) this.#running.get(id)?.cancelled.abort(cancellation())
    this.#options.changes.job(id)
    return asked
  }

  /** Lets go of all jobs as they are; another engine, or this one's next start, goes on with them. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    await this.#claiming
    for (const running of this.#running.values()) running.lost.abort(new EngineError("lease_lost", "The engine is stopping."))
    await Promise.all([...this.#running.values()].map(({ ended }) => ended))
    await expireLeases(this.#options.catalog, this.#options.engineId)
  }

  async #claimAll(): Promise<void> {
    while (this.#hasRoom()) {
      const job = await claimJob(this.#options.catalog, this.#claim())
      if (!job) return
      this.#take(job)
    }
  }

  #claim(): Claim {
    const { engineId, leaseMs } = this.#options
    return { engineId, leaseMs }
  }

  #hasRoom(): boolean {
    return !this.#stopped && this.#running.size + this.#kept < this.#options.concurrency
  }

  #take(job: JobRecord): void {
    const running = { fence: job.fence, cancelled: new AbortController(), lost: new AbortController(), ended: Promise.resolve() }
    if (job.cancelRequested) running.cancelled.abort(cancellation())
    this.#running.set(job.id, running)
    running.ended = this.#run(job, running)
      .catch(this.#options.report)
      .finally(() => {
        this.#running.delete(job.id)
        this.poke()
      })
  }

  async #run(job: JobRecord, { cancelled, lost }: Running): Promise<void> {
    const { catalog, changes, observe, workflows } = this.#options
    const log = new JobLog(catalog, job.id, () => changes.job(job.id))
    const runner = new Runner({
      catalog, job, log, observe, isNew: job.fence === FIRST_FENCE, cancelled: cancelled.signal, lost: lost.signal,
      progress: (progress) => changes.progress(job.id, progress),
      changed: () => changes.job(job.id),
    }, job.state === "undoing")
    changes.job(job.id)
    const workflow = workflows[job.kind]
    let problem = job.problem
    try {
      if (!workflow) throw new EngineError("internal", `This engine knows no job "${job.kind}".`)
      await runner.run((self) => workflow(self, job.request))
    } catch (thrown) {
      if (lost.signal.aborted || isLost(thrown)) return
      // What a cancelled step dies of is a consequence.
      problem ??= problemOf(cancelled.signal.aborted && !runner.committed ? cancelled.signal.reason : thrown)
    }
    await log.flush()
    if (!problem) await this.#end(job, "succeeded")
    else await this.#undo(job, runner, log, problem)
    changes.progress(job.id, undefined)
  }

  async #undo(job: JobRecord, runner: Runner, log: JobLog, problem: Problem): Promise<void> {
    const { catalog, report } = this.#options
    if (job.state === "running" && !(await moveJob(catalog, job, "undoing", problem))) return
    let final = problem
    try {
      await runner.undo()
      if (!runner.begun) await this.#options.unbegun(this.#options.catalog, job)
    } catch (thrown) {
      if (isLost(thrown)) return
      report(thrown)
      final = { ...problem, action: `${problem.action} Undoing it was not complete (${problemOf(thrown).message}): run \`veneer engine doctor --fix\`.` }
    }
    await log.flush()
    await this.#end(job, problem.code === "cancelled" ? "cancelled" : "failed", final)
  }

  async #end(job: JobRecord, state: JobState, problem?: Problem): Promise<void> {
    await this.#options.ending(job.id).catch(this.#options.report)
    await moveJob(this.#options.catalog, job, state, problem)
  }

  async #renew(): Promise<void> {
    const held = await renewLeases(this.#options.catalog, this.#claim())
    const byId = new Map(held.map((job) => [job.id, job]))
    for (const [id, running] of this.#running) {
      const job = byId.get(id)
      if (job?.fence !== running.fence) running.lost.abort(new EngineError("lease_lost", `Job ${id} was taken over by another engine.`))
      else if (job.cancelRequested) running.cancelled.abort(cancellation())
    }
    this.poke()
  }
}

const cancellation = () => new EngineError("cancelled", "The job was cancelled.")

const isLost = (thrown: unknown): boolean => thrown instanceof EngineError && thrown.code === "lease_lost"
