import { isDeepStrictEqual } from "node:util"
import type { MountSpecification, Reason } from "@veneer/sdk"
import { isObject, revealed } from "@veneer/sdk/values"
import { invoke, type Intercept, type Request } from "../operation/operation.ts"
import { BrokenPromise, told } from "./broken-promise.ts"
import type { Fault } from "./fault.ts"
import { Job } from "./job.ts"
import { ENGINE, type Kit } from "./kit.ts"
import { brokenBy } from "./promises.ts"
import type { WorkflowName } from "./workflow.ts"
import type { Value } from "./world.ts"

/** A dSource or VDB with what its operations are given; discovery has neither. */
export interface Subject {
  id: string
  kind: "dsource" | "vdb" | "environment"
  /** Absolute path of the dataset that `run.sync` may fill, during a direct ingest. */
  dataset?: string
  input: Value
}

/** How a workflow is played. */
export interface Direction {
  /** Calls every operation a second time, as after a crash. */
  twice?: boolean
  fault?: (cancel: (reason: Error) => void) => Fault
  /** Told of every request to the host as it begins; what it returns is told when that ends. */
  listen?: (request: Request) => (tookMs: number) => void
  /** Whether a sync is run by a policy (none), by a person who gives none, or one who gives the test's. */
  parameters?: "absent" | "none" | "given"
}

let takes = 0

/** A workflow being played once. */
export class Take {
  readonly kit: Kit
  readonly workflow: WorkflowName
  readonly job: Job
  readonly fault: Fault | undefined
  readonly parameters: "absent" | "none" | "given"
  readonly #twice: boolean
  readonly #listen: Direction["listen"]
  readonly #controller = new AbortController()
  readonly #key: string
  #calls = 0
  #undoing = false

  constructor(kit: Kit, workflow: WorkflowName, { twice = false, fault, listen, parameters = "absent" }: Direction) {
    takes += 1
    this.kit = kit
    this.workflow = workflow
    this.job = new Job(this.#controller.signal)
    this.fault = fault?.((reason) => this.#controller.abort(reason))
    this.parameters = parameters
    this.#twice = twice
    this.#listen = listen
    this.#key = `${workflow}/${takes}`
  }

  /** Undoes what was done; nothing goes wrong on the way, and nothing is called twice. */
  async undo(): Promise<void> {
    this.#undoing = true
    try {
      await this.job.undo()
    } catch (error) {
      throw error instanceof BrokenPromise ? error : new BrokenPromise({
        found: `Undoing ${this.workflow} failed: ${told(error)}`,
        promise: "A failing step undoes the finished ones in reverse; there may be nothing to undo.",
        action: "Let the operations that undo (unconfigure, stopStaging) cope with anything being there or not.",
        log: this.kit.log, cause: error,
      })
    }
  }

  /** Calls an operation. @returns what it returned, held against its schema */
  async call(subject: Subject, operation: string, reason: Reason, input: Value = {}): Promise<unknown> {
    const once = () => this.#once(subject, operation, reason, input)
    const first = await once().catch((error: unknown) => Promise.reject(this.#failed(operation, error)))
    if (!this.#twice || this.#undoing) return first
    const second = await once().catch((error: unknown) => Promise.reject(this.#failed(operation, error, { again: true })))
    this.#sameTwice(operation, first, second)
    return second
  }

  /** The same for an optional operation that returns nothing. */
  async callIfOffered(subject: Subject, operation: string, reason: Reason, input: Value = {}): Promise<void> {
    if (this.kit.offers(operation)) await this.call(subject, operation, reason, input)
  }

  /** A source config, snapshot or the like. */
  async callForValue(subject: Subject, operation: string, reason: Reason, input: Value = {}): Promise<Value> {
    const value = await this.call(subject, operation, reason, input)
    return isObject(value) ? { ...value } : {}
  }

  async mountSpecification(subject: Subject, reason: Reason): Promise<MountSpecification> {
    const operation = subject.kind === "dsource" ? "linked.mountSpecification" : "virtual.mountSpecification"
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was held against the schema of this very type
    return (await this.call(subject, operation, reason)) as MountSpecification
  }

  async #once(subject: Subject, operation: string, reason: Reason, input: Value): Promise<unknown> {
    const { kit } = this
    const { secrets } = kit
    this.#calls += 1
    secrets.during(operation)
    return invoke({
      plugin: kit.plugin, description: kit.description, scripts: kit.scripts, host: kit.host, dataset: subject.dataset, operation, reason, engine: ENGINE,
      input: { ...subject.input, ...input }, key: `${this.#key}/${this.#calls}`, validator: kit.validator, redactor: secrets.redactor,
      signal: this.#undoing ? new AbortController().signal : this.#controller.signal,
      log: (line) => kit.log.push(secrets.redactor.text(line)),
      progress: ({ message = "" }) => void secrets.redactor.text(message),
      ports: async (request) => kit.ports.reserve(subject.id, request),
      credentials: kit.credentials, volatile: () => kit.volatile(),
      intercept: this.#intercept,
    })
  }

  readonly #intercept: Intercept = async (request, go) => {
    const { secrets } = this.kit
    secrets.request(request)
    const watched = () => secrets.watching(request, go)
    if (this.fault && !this.#undoing) return this.fault.intercept(request, watched)
    const ended = this.#listen?.(request)
    const began = performance.now()
    const answer = await watched()
    ended?.(performance.now() - began)
    return answer
  }

  #failed(operation: string, error: unknown, { again = false } = {}): unknown {
    this.kit.secrets.redactor.text(told(error))
    if (error instanceof BrokenPromise) return error
    const where = `${operation}${again ? ", called a second time" : ""} in ${this.workflow}${this.#undoing ? " (undoing)" : ""}`
    const { promise, action } = brokenBy(error, { again })
    return new BrokenPromise({ found: `${where}, failed: ${told(error)}`, promise, action, log: this.kit.log, cause: error })
  }

  /** Called again, an operation must mean the same thing: the same mounts, the same identity. */
  #sameTwice(operation: string, first: unknown, second: unknown): void {
    const [before, after] = [identity(this.kit, operation, first), identity(this.kit, operation, second)]
    if (isDeepStrictEqual(before, after)) return
    throw new BrokenPromise({
      found: `${operation}, called a second time in ${this.workflow}, spoke of something else: first ${JSON.stringify(before)}, then ${JSON.stringify(after)}.`,
      promise: "Every operation may be called again after a crash, so each must be idempotent.",
      action: "Derive names, paths and ports from the source's id (ports.reserve gives the same one again) instead of making new ones.",
    })
  }
}

/** What may not change from one call to the next. */
function identity({ description: { schemas } }: Kit, operation: string, value: unknown): unknown {
  if (operation.endsWith(".mountSpecification")) return value
  if (operation === "discovery.repositories") return identities(schemas.repository, value)
  if (operation === "discovery.sourceConfigs") return identities(schemas.sourceConfig, value)
  return /\.(?:configure|reconfigure|initialize)$/.test(operation) ? identities(schemas.sourceConfig, [value]) : undefined
}

/** What tells each of a list apart; discovery may name them in any order. */
function identities({ identityFields: fields }: Readonly<Record<string, unknown>>, list: unknown): unknown {
  if (!Array.isArray(fields) || !Array.isArray(list)) return undefined
  return list.map((item) => fields.map((field) => (isObject(item) ? revealed(item[String(field)]) : undefined))).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}
