import type { Health } from "@veneer/sdk"
import type { DsourceRecord } from "../catalog/dsources.ts"
import type { EnvironmentRecord } from "../catalog/environments.ts"
import type { JobRecord } from "../catalog/jobs.ts"
import type { PoolRecord } from "../catalog/pools.ts"
import type { SourceConfigRecord } from "../catalog/sources.ts"
import type { VdbRecord } from "../catalog/vdbs.ts"
import type { EnvironmentChange, EnvironmentRequest } from "../workflows/environment.ts"
import type { CreateEmptyRequest, LinkRequest, PointRequest, ProvisionRequest, SyncRequest } from "../workflows/requests.ts"
import type { NewVdbJob } from "../workflows/request.ts"
import type { SourceRequest } from "../workflows/sources.ts"
import type { Upload, UploadOptions } from "../workflows/upload.ts"
import type { Finding } from "./contract/engine.ts"
import type { Access } from "./contract/vdbs.ts"

/** What a pool is made of when a person asks for one. */
export interface PoolRequest {
  name: string
  driver?: string | undefined
  device?: string | undefined
  sizeBytes?: number | undefined
}

/** Everything a person can have done, as the workflows offer it: bound to the engine by `main`. Objects by name or id. */
export interface Verbs {
  addEnvironment(request: EnvironmentRequest): Promise<{ environment: EnvironmentRecord; job: JobRecord }>
  updateEnvironment(environment: string, change: EnvironmentChange): Promise<EnvironmentRecord>
  /** Removes what an environment keeps on its host, as far as that can be reached. */
  leaveEnvironment(environment: EnvironmentRecord): Promise<void>
  discover(environment: string): Promise<JobRecord>
  addSource(request: SourceRequest): Promise<SourceConfigRecord>
  removeSource(id: string): Promise<void>
  link(request: LinkRequest): Promise<{ dsource: DsourceRecord; job: JobRecord }>
  sync(dsource: string, request: SyncRequest): Promise<JobRecord>
  enableDsource(dsource: string): Promise<JobRecord>
  disableDsource(dsource: string): Promise<JobRecord>
  deleteDsource(dsource: string, options: { force: boolean }): Promise<JobRecord>
  /** How its staging is right now, as its plugin sees it. */
  dsourceStatus(dsource: string): Promise<Health>
  deleteSnapshot(id: string): Promise<JobRecord>
  provision(request: ProvisionRequest): Promise<NewVdbJob>
  createEmpty(request: CreateEmptyRequest): Promise<NewVdbJob>
  refresh(vdb: string, request: PointRequest): Promise<JobRecord>
  rewind(vdb: string, request: PointRequest): Promise<JobRecord>
  snapshotVdb(vdb: string): Promise<JobRecord>
  startVdb(vdb: string): Promise<JobRecord>
  stopVdb(vdb: string): Promise<JobRecord>
  enableVdb(vdb: string): Promise<JobRecord>
  disableVdb(vdb: string): Promise<JobRecord>
  deleteVdb(vdb: string, options: { force: boolean }): Promise<JobRecord>
  /** How it is right now, as its plugin sees it. */
  vdbStatus(vdb: string): Promise<Health>
  /** How it is reached, secrets revealed. */
  vdbAccess(vdb: VdbRecord): Access
  uploadPlugin(artifact: Buffer, options: UploadOptions): Promise<Upload>
  deletePlugin(id: string): Promise<void>
  addPool(request: PoolRequest): Promise<PoolRecord>
  examine(): Promise<Finding[]>
  mend(): Promise<Finding[]>
}
