import type { Credentials } from "@veneer/sdk"
import type { Command, CommandOutcome, ScriptHost } from "@veneer/sdk/contract"

/** A directory of a host to be copied to the engine's machine. */
export interface Pull {
  /** Absolute path on the host. */
  from: string
  /** OS user that reads there; undefined is the environment's own. */
  user?: string | undefined
  /** Absolute path of a directory on the engine's machine, which the engine's own user writes. */
  to: string
  /** Patterns of rsync's: neither copied nor deleted. */
  exclude: readonly string[]
  /** Remove what the host no longer has. */
  delete: boolean
  /** Leave alone what is newer in `to`. */
  onlyNewer: boolean
  /** Compare contents, not just size and time. */
  checksum: boolean
  signal?: AbortSignal | undefined
  onProgress?: ((progress: { fraction?: number; message: string }) => void) | undefined
  /** Called with each line it says besides. */
  onLine?: ((line: string) => void) | undefined
}

/** What a pull moved. */
export interface Pulled {
  /** Regular files, new or changed. */
  files: number
  /** Their size. */
  bytes: number
  /** Files, directories and links removed from `to`. */
  deleted: number
}

/** A host the engine can run programs on. */
export interface Host extends ScriptHost {
  readonly name: string
  /** The address at which others reach it. */
  readonly address: string
  /** @throws EngineError `environment_unreachable`, `user_unknown`, `program_missing`, `cancelled` */
  run(command: Command): Promise<CommandOutcome>
  /** Forgets a detached run that has ended, or kills it first; unknown keys are fine. */
  discardDetached(key: string): Promise<void>
  /** Keys of the detached runs the host knows of. */
  listDetached(): Promise<string[]>
  /**
   * Brings `to` up to date with `from`. Cut off at any moment it is mended by the same call again; no file is half-written
   * under its name once it has returned.
   * @throws EngineError `file_missing`, `sync_incomplete`, `program_missing`, `pool_full`, `user_unknown`, `cancelled`
   */
  pull(pull: Pull): Promise<Pulled>
  /** Whether nobody listens on a TCP port, at whatever address. */
  isPortFree(port: number): Promise<boolean>
}

/** How one logs in to a host; what a reference stands for is fetched at each connection. */
export type SshLogin =
  | Credentials
  /** By the SSH agent that the engine was started with. */
  | { type: "agent" }

/** How a host is reached. */
export interface SshSettings {
  host: string
  port: number
  /** Who logs in. */
  user: string
  login: SshLogin
  /** The host key it must present, as `TYPE SHA256:FINGERPRINT`. */
  hostKey: string
}

/** An environment as the catalog holds it, as far as a host is made from it. */
export type HostSettings = LocalSettings | RemoteSettings

export interface LocalSettings {
  name: string
  kind: "local"
  /** OS user programs run as unless told; undefined is the engine's own. */
  user?: string | undefined
}

interface RemoteSettings {
  /** The environment's: what is kept on the host is named by it. */
  id: string
  name: string
  kind: "ssh"
  /** OS user programs run as unless told, by sudo; undefined is the one who logs in. */
  user?: string | undefined
  ssh: SshSettings
}

/** A host that is no environment yet, or has changed: without a key it is trusted to be the one meant. */
export type NewRemote = Omit<RemoteSettings, "ssh"> & { ssh: Omit<SshSettings, "hostKey"> & { hostKey?: string | undefined } }

/** The OS user that an environment's programs run as unless told; undefined is the engine's own. */
export const userOf = (settings: HostSettings): string | undefined => settings.user ?? (settings.kind === "ssh" ? settings.ssh.user : undefined)

/** Makes hosts from environments. */
export interface Hosts {
  host(settings: HostSettings): Host
  /**
   * Logs in once, and runs nothing, to see that a host can be worked on.
   * @returns its host key, to be kept as the one it must present from now on
   * @throws EngineError `environment_unreachable`, `host_key_changed`, `login_refused`, `shell_unusable`, `sudo_refused`, `user_unknown`
   */
  probe(remote: NewRemote): Promise<{ hostKey: string }>
  /** Removes what an environment keeps on its host, as far as that can be reached, and ends its connection. */
  leave(settings: HostSettings): Promise<void>
  /** Ends all connections. Detached runs go on. */
  close(): Promise<void>
}
