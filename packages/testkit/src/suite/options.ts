import type { Schemas, TypesOf } from "@veneer/sdk"
import type { TestHost } from "../hosts/host.ts"
import type { CredentialsByReference } from "../operation/credentials.ts"
import type { Request } from "../operation/operation.ts"
import type { FaultKind } from "./fault.ts"
import type { SuiteStorage } from "./storage.ts"
import type { Verify } from "./verify.ts"
import type { WorkflowName } from "./workflow.ts"

/** A value, or what makes one before the first test: a source server's port is not known earlier. */
export type Lazy<T> = T | (() => T | Promise<T>)

/** What a person would give: defaults are filled in, passwords are plain texts. */
export interface SuiteParameters {
  /** Of the dSource. */
  linkedSource?: Record<string, unknown>
  /** Of the VDB. */
  virtualSource?: Record<string, unknown>
  /** Of the sync that a person asks for. */
  snapshotParameters?: Record<string, unknown>
}

/** What the plugin discovers is linked: the first of each, unless told. */
export interface SourceChoice<S extends Schemas> {
  repository?: (repository: TypesOf<S>["repository"]) => boolean
  sourceConfig?: (sourceConfig: TypesOf<S>["sourceConfig"]) => boolean
}

/** Which faults are made. Left out, every kind at every call to the host of every workflow. */
export interface FaultOptions {
  kinds?: readonly FaultKind[]
  workflows?: readonly WorkflowName[]
  /** Whether a fault is made at a call: to spare the dear ones. */
  at?: (request: Request, workflow: WorkflowName) => boolean
}

/** How a plugin is tested. */
export interface SuiteOptions<S extends Schemas> {
  host: Lazy<TestHost>
  /** Folder of the plugin's scripts. Needed where they really run. */
  scripts?: string | URL
  parameters?: Lazy<SuiteParameters>
  source?: SourceChoice<S>
  /** What references to secret stores stand for. */
  credentials?: CredentialsByReference
  /** Only these; whatever they need is played, too. */
  workflows?: readonly WorkflowName[]
  /** Which faults are made; `false` for none. */
  faults?: FaultOptions | false
  /** Whether each workflow is played with every operation called twice; yes unless told. */
  twice?: boolean
  /** Where datasets are kept; plain directories below a temporary one unless told. */
  storage?: Lazy<SuiteStorage>
  /** The test's own checks. */
  verify?: Verify<S>
  /** Directories in which nothing may have come or gone in the end. */
  watch?: readonly string[]
  /** For each test; five minutes unless told. */
  timeoutMs?: number
}
