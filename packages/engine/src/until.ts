import { setTimeout as delay } from "node:timers/promises"

/** How long and how often to look. */
export interface Until {
  deadlineMs: number
  signal?: AbortSignal | undefined
  everyMs?: number
}

/**
 * Waits until a condition holds that nothing announces (another process's exit, say). Where an event exists, use that.
 * @returns whether it held before the deadline
 */
export async function until(condition: () => boolean | Promise<boolean>, { deadlineMs, signal, everyMs = 5 }: Until): Promise<boolean> {
  const end = performance.now() + deadlineMs
  while (!(await condition())) {
    if (performance.now() >= end) return false
    await delay(everyMs, undefined, signal ? { signal } : undefined)
  }
  return true
}
