import type { EnvironmentRecord } from "../catalog/environments.ts"
import { EngineError } from "../errors.ts"

/** Refuses to put storage where it can't be mounted. */
export function holdReach({ name, kind }: EnvironmentRecord): void {
  if (kind === "ssh") throw new EngineError("storage_out_of_reach", `The engine's storage can't be mounted on "${name}", which is reached over SSH.`)
}
