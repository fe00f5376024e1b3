import { setTimeout as delay } from "node:timers/promises"
import { UserError } from "./errors.ts"

/** How long and how often `waitFor` looks. */
export interface WaitOptions {
  /** Gives up after so long. */
  deadlineMs: number
  /** How long to rest between two looks; half a second unless told. */
  everyMs?: number
  /** What has not come about then, as a fact: "Port 6001 did not open." */
  message: string
  /** The next move for the person who reads that. */
  action?: string
}

/** Waits until a condition holds: until it returns anything but `false`, `undefined` or `null`, which is then returned. */
export type WaitFor = <T>(condition: () => T | Promise<T>, options: WaitOptions) => Promise<Exclude<T, false | undefined | null>>

const EVERY_MS = 500

/** Makes the `waitFor` of a call that ends when the signal is aborted. */
export function waiter(signal: AbortSignal): WaitFor {
  return async <T>(condition: () => T | Promise<T>, { deadlineMs, everyMs = EVERY_MS, message, action = "Find out in the job's log why, then try again." }: WaitOptions) => {
    const end = performance.now() + deadlineMs
    for (;;) {
      signal.throwIfAborted()
      const value = await condition()
      if (holds(value)) return value
      const left = end - performance.now()
      if (left <= 0) throw new UserError(`${message} That was waited for ${deadlineMs / 1000} s.`, { code: "wait_timeout", action })
      await delay(Math.min(everyMs, left), undefined, { signal })
    }
  }
}

const holds = <T>(value: T): value is Exclude<T, false | undefined | null> => value !== false && value !== undefined && value !== null
