import { EngineError } from "../../errors.ts"

/** What was looked for, or the error that says it isn't there. */
export function found<T>(object: T | undefined, kind: string, nameOrId: string): T {
  if (object === undefined) throw new EngineError("not_found", `There is no ${kind} "${nameOrId}".`)
  return object
}
