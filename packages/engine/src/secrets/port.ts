import type { KnownCredentials } from "@veneer/sdk"
import type { Command, CommandOutcome } from "@veneer/sdk/contract"

/** Something that keeps credentials under names. */
export interface SecretStore {
  /** @throws EngineError `credentials_missing`, `credentials_unusable` */
  fetch(name: string, signal: AbortSignal): Promise<KnownCredentials>
}

/** Follows a reference. @throws EngineError `credentials_missing`, `credentials_unusable` */
export type FetchCredentials = (reference: string, signal: AbortSignal) => Promise<KnownCredentials>

/** Runs a program on the engine's own machine, as the engine's user, to the end of all of it. */
export type RunProgram = (program: Pick<Command, "argv" | "timeoutMs" | "signal"> & { env: Readonly<Record<string, string>>; cwd: string; outputLimit: number }) => Promise<CommandOutcome>
