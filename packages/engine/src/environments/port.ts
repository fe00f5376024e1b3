import type { Command, CommandOutcome, ScriptHost } from "@veneer/sdk/contract"

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
  /** TCP ports somebody listens on. */
  listeningPorts(): Promise<Set<number>>
}

/** An environment as the catalog holds it, as far as a host is made from it. */
export interface HostSettings {
  name: string
  kind: "local"
  user?: string | undefined
}

/** Makes hosts from environments. */
export interface Hosts {
  host(settings: HostSettings): Host
}
