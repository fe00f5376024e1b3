import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { Watchdog } from "./watchdog.ts"

const EVERY_MS = 5_000
const SILENT_MS = 60_000

let said: string[]
let watchdog: Watchdog
beforeEach(() => {
  vi.useFakeTimers()
  said = []
  watchdog = new Watchdog({ everyMs: EVERY_MS, silentMs: SILENT_MS }, { ask: () => said.push("ask"), stuck: () => said.push("stuck") })
  watchdog.start()
})
afterEach(() => {
  watchdog.stop()
  vi.useRealTimers()
})

const stuckAfter = async (ms: number): Promise<boolean> => {
  await vi.advanceTimersByTimeAsync(ms)
  return said.includes("stuck")
}

it("gives a process up that has been silent for as long as it says, and soon after that", async () => {
  expect(await stuckAfter(SILENT_MS)).toBe(false)
  expect(await stuckAfter(EVERY_MS + 1)).toBe(true)
})

it("counts from the last word", async () => {
  await vi.advanceTimersByTimeAsync(SILENT_MS - 1)
  watchdog.heard()
  expect(await stuckAfter(SILENT_MS)).toBe(false)
  expect(await stuckAfter(2 * EVERY_MS)).toBe(true)
})

it("never gives up a process that answers", async () => {
  for (let turn = 0; turn < 100; turn++) {
    await vi.advanceTimersByTimeAsync(EVERY_MS + 1)
    watchdog.heard()
  }
  expect(new Set(said)).toEqual(new Set(["ask"]))
})

it("takes a machine that was suspended for no silence", async () => {
  vi.setSystemTime(Date.now() + 3_600_000)
  expect(await stuckAfter(EVERY_MS + 1)).toBe(false)
})

it("says nothing once it was stopped", async () => {
  watchdog.stop()
  expect(await stuckAfter(10 * SILENT_MS)).toBe(false)
  expect(said).toEqual([])
})
