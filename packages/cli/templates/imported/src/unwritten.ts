import { UserError } from "@veneer/sdk"

/** Ends an operation that is still to be written. */
export function unwritten(operation: string): never {
  throw new UserError(`${operation} is not written yet.`, { code: "not_written", action: "Write it in src/index.ts." })
}
