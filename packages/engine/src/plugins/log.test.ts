import { expect, test } from "vitest"
import { PluginLog } from "./log.ts"

test("a reader goes on after the last line it saw; one that saw none, or whose line is gone, gets what is kept", () => {
  const log = new PluginLog()
  for (let number = 1; number <= 3; number++) log.add(`line ${number}`)
  const [first, second] = log.lines()
  expect(log.lines().map(({ line }) => line)).toEqual(["line 1", "line 2", "line 3"])
  expect(log.lines(second?.cursor).map(({ line }) => line)).toEqual(["line 3"])
  expect(log.lines("earlier-7")).toHaveLength(3)
  for (let number = 4; number <= 600; number++) log.add(`line ${number}`)
  expect(log.lines()).toHaveLength(500)
  expect(log.lines(first?.cursor).at(0)?.line).toBe("line 101")
})

test("a line is cut, and told of until the listener is done", () => {
  const log = new PluginLog()
  let told = 0
  const end = log.onLine(() => void told++)
  log.add("x".repeat(10_000))
  end()
  log.add("more")
  expect(log.lines()[0]?.line).toHaveLength(4_096)
  expect(told).toBe(1)
})
