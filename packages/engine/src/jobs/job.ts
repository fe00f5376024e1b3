/** What an effect gets while it happens. */
export interface Step {
  readonly jobId: string
  /** Derived from job and step: the same when the step is repeated after a crash. */
  readonly key: string
  /** Aborted when the job is cancelled or this engine lost it. */
  readonly signal: AbortSignal
  /** Adds a line to the job's log. */
  readonly log: (line: string) => void
  readonly progress: (progress: { fraction?: number | undefined; message?: string | undefined }) => void
}

/**
 * One recorded, repeatable, undoable effect. `run` may be cut off at any moment and is then run again, so it finds out
 * what is already there. `undo` removes only what `run` made; there may be nothing to undo.
 */
export interface Effect<T> {
  readonly run: (step: Step) => Promise<T>
  readonly undo?: (step: Step) => Promise<void>
}

/** One run of a workflow: straight-line code made of recorded steps. */
export interface Job {
  readonly id: string
  readonly kind: string
  /** Runs an effect, or answers from the record if it has already happened. Outputs are JSON, secrets allowed. */
  step<T>(name: string, effect: Effect<T>): Promise<T>
  /** The same; once it has happened, nothing before it is undone any more and the job can't be cancelled. */
  commit<T>(name: string, effect: Effect<T>): Promise<T>
  /**
   * Whether the record's next step has this name. For a step that is there or not depending on something that changes:
   * a repeated run takes the way the first one took.
   */
  recorded(name: string): boolean
  /** Runs `body`, then the effect, whether or not `body` failed. */
  ensuring<T>(name: string, effect: Effect<unknown>, body: () => Promise<T>): Promise<T>
}

/** Moments of a step at which an engine might die. */
export interface JobMoment {
  job: string
  step: string
  moment: "begun" | "happened" | "recorded" | "undoing" | "undone"
}

/** Told of every moment as it passes; tests kill the engine there. */
export type JobObserver = (moment: JobMoment) => void
