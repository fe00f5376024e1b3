import type { Catalog } from "../catalog/catalog.ts"
import { beginStep, finishStep, listSteps, markStep, type FencedJob, type FinishedStep, type StepRecord } from "../catalog/steps.ts"
import { EngineError } from "../errors.ts"
import type { Effect, Job, JobObserver, Step } from "./job.ts"
import type { JobLog } from "./log.ts"

/** What a run of a job needs. */
export interface RunnerOptions {
  catalog: Catalog
  job: FencedJob & { kind: string }
  log: JobLog
  observe: JobObserver
  /** Nobody has run any of it, so there is no record to read. */
  isNew: boolean
  /** Aborted on cancellation, until the job commits. */
  cancelled: AbortSignal
  /** Aborted when another engine took the job over: nothing may be written or undone from then on. */
  lost: AbortSignal
  progress: (progress: { step: string; fraction?: number | undefined; message?: string | undefined }) => void
  /** Called when a step's state changed. */
  changed: () => void
}

/** Thrown through a workflow whose record shows that it had failed before: undoing goes on from there. */
class Halt extends Error {}

interface Done {
  number: number
  name: string
  effect: Effect<unknown>
}

/**
 * Runs a workflow's function against the job's record: steps that have ended answer from it, the interrupted one runs
 * again, new ones are recorded before and after their effect. The next step's begin and the last one's end are written
 * together.
 */
export class Runner implements Job {
  readonly id: string
  readonly kind: string
  readonly #options: RunnerOptions
  #recorded: StepRecord[] = []
  #next = 0
  #done: Done[] = []
  #unwritten: (FinishedStep & { name: string }) | undefined
  #undoOnly: boolean
  #committed = false
  #begun = false

  /** @param undoOnly the record is of a job that was being undone: replay it to the point of failure, run nothing new */
  constructor(options: RunnerOptions, undoOnly: boolean) {
    this.id = options.job.id
    this.kind = options.job.kind
    this.#options = options
    this.#undoOnly = undoOnly
  }

  /** Whether the job is past the point after which nothing is undone. */
  get committed(): boolean {
    return this.#committed
  }

  /** Whether it has a step. */
  get begun(): boolean {
    return this.#recorded.length > 0 || this.#begun
  }

  /** Runs the workflow to its end. Throws what it throws; {@link undo} comes next then. */
  async run(workflow: (job: Job) => Promise<void>): Promise<void> {
    if (!this.#options.isNew) this.#recorded = await listSteps(this.#options.catalog, this.id)
    await workflow(this).catch((thrown: unknown) => {
      if (!(thrown instanceof Halt)) throw thrown
    })
    if (this.#unwritten) await this.#write(this.#unwritten)
  }

  step<T>(name: string, effect: Effect<T>): Promise<T> {
    return this.#step(name, effect, this.#signal())
  }

  async commit<T>(name: string, effect: Effect<T>): Promise<T> {
    const output = await this.step(name, effect)
    if (this.#unwritten) await this.#write(this.#unwritten)
    this.#done = []
    this.#committed = true
    return output
  }

  recorded(name: string): boolean {
    return this.#recorded[this.#next]?.name === name
  }

  async ensuring<T>(name: string, effect: Effect<unknown>, body: () => Promise<T>): Promise<T> {
    let result: T
    try {
      result = await body()
    } catch (thrown) {
      this.#options.lost.throwIfAborted()
      await this.#step(name, effect, this.#options.lost, { always: true }).catch((second: unknown) => this.#options.log.add(name, `${name}: ${String(second)}`))
      throw thrown
    }
    await this.step(name, effect)
    return result
  }

  /** Undoes what happened, last first. A failing undo is logged and the others go on; the first failure is thrown at the end. */
  async undo(): Promise<void> {
    const failures: unknown[] = []
    for (const { number, name, effect } of this.#done.toReversed()) {
      if (effect.undo) {
        this.#options.observe({ job: this.kind, step: name, moment: "undoing" })
        try {
          await effect.undo(this.#context(number, name, this.#options.lost, "undo"))
        } catch (thrown) {
          this.#options.lost.throwIfAborted()
          this.#options.log.add(name, `undo: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
          failures.push(thrown)
          continue
        }
      }
      this.#held(await markStep(this.#options.catalog, this.#options.job, number, "undone"))
      this.#options.observe({ job: this.kind, step: name, moment: "undone" })
      this.#options.changed()
    }
    this.#done = []
    if (failures.length > 0) throw failures[0]
  }

  async #step<T>(name: string, effect: Effect<T>, signal: AbortSignal, { always = false } = {}): Promise<T> {
    const number = this.#next++
    const past = this.#recorded[number]
    if (past && past.name !== name) throw new EngineError("internal", `Step ${number} of this ${this.kind} was "${past.name}" and is "${name}" now.`)
    if (past?.output) {
      if (past.state !== "undone") this.#done.push({ number, name, effect })
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what this very effect returned when it happened, as JSON keeps it
      return past.output.value as T
    }
    if (this.#undoOnly && !always) {
      if (past && past.state !== "undone") this.#done.push({ number, name, effect })
      throw new Halt()
    }
    signal.throwIfAborted()
    return this.#happen(number, name, effect, signal)
  }

  async #happen<T>(number: number, name: string, effect: Effect<T>, signal: AbortSignal): Promise<T> {
    const { catalog, job, observe, changed } = this.#options
    const last = this.#unwritten
    this.#held(await beginStep(catalog, job, { number, name }, last))
    this.#begun = true
    this.#unwritten = undefined
    if (last) observe({ job: this.kind, step: last.name, moment: "recorded" })
    observe({ job: this.kind, step: name, moment: "begun" })
    changed()
    this.#done.push({ number, name, effect })
    try {
      const output = await effect.run(this.#context(number, name, signal, "run"))
      this.#unwritten = { number, name, output, finishedAt: new Date() }
      observe({ job: this.kind, step: name, moment: "happened" })
      return output
    } catch (thrown) {
      this.#options.lost.throwIfAborted()
      this.#held(await markStep(catalog, job, number, "failed"))
      throw thrown
    }
  }

  async #write(finished: FinishedStep & { name: string }): Promise<void> {
    this.#held(await finishStep(this.#options.catalog, this.#options.job, finished))
    this.#unwritten = undefined
    this.#options.observe({ job: this.kind, step: finished.name, moment: "recorded" })
    this.#options.changed()
  }

  #signal(): AbortSignal {
    return this.#committed ? this.#options.lost : AbortSignal.any([this.#options.cancelled, this.#options.lost])
  }

  #context(number: number, name: string, signal: AbortSignal, way: "run" | "undo"): Step {
    return {
      jobId: this.id, key: `${this.id}/${number}/${way}`, signal,
      log: (line) => this.#options.log.add(name, line),
      progress: (progress) => this.#options.progress({ step: name, ...progress }),
    }
  }

  #held(held: boolean): void {
    if (!held) throw new EngineError("lease_lost", `Job ${this.id} was taken over by another engine.`)
  }
}
