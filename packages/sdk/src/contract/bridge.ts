import type { Redactor } from "./redact.ts"
import type { ScriptHost } from "./host.ts"
import type { PortRequest, SyncResult } from "../run.ts"
import type { KnownCredentials } from "../schema/credentials.ts"
import type { Validator } from "../values/index.ts"
import type { SyncRequest } from "./requests.ts"

/** A plugin as far as its scripts are concerned. */
export interface BridgedPlugin {
  manifest: {
    id: string
    /** By path: `scripts/ingest.sh`. What is not here is no script of the plugin's. */
    checksums: Readonly<Record<string, string>>
  }
  /** The artifact's name in the host's own terms. */
  artifact: string
}

/** Under whose eyes a call runs. */
export interface BridgeContext {
  /** Derived from job and step, so that a repeated call finds its detached runs. */
  key: string
  log(line: string): void
  progress(progress: { fraction?: number | undefined; message?: string | undefined }): void
}

/** Texts of programs of our own that are sent to hosts; they lie in the repository's `shell` folder. */
export interface HostPrograms {
  /** `files.sh` */
  files: string
  /** `powershell.ps1` */
  powershell: string
}

/** Who is told how a sync goes, and ends it. */
export interface SyncWatch {
  signal: AbortSignal
  onLine: (line: string) => void
  onProgress: BridgeContext["progress"]
}

/** What a call's requests are served with. */
export interface Bridge {
  plugin: BridgedPlugin
  host: ScriptHost
  programs: HostPrograms
  context: BridgeContext
  /** Aborted when the call ends, however it ends. */
  signal: AbortSignal
  redactor: Redactor
  validator: Validator
  /** Brings files into the dataset; absent where there is none to be filled. */
  sync?: ((request: SyncRequest, watch: SyncWatch) => Promise<SyncResult>) | undefined
  /** Follows a reference into a secret store; absent where there is none. */
  credentials?: ((reference: string, signal: AbortSignal) => Promise<KnownCredentials>) | undefined
  /** Hands out a port to whoever the call is for. */
  ports: (request: PortRequest) => Promise<number>
}

/** A bridge, and who is told what programs say on standard error. */
export interface Served extends Bridge {
  onStderr: (line: string) => void
}
