import { relative } from "node:path"
import type { Reporter, TestModule } from "vitest/node"

/** Files of a longer run that are named with their time. */
const SLOWEST = 8
const LONG_RUN = 20

/**
 * Prints which files took longest, and the one plain line a run ends with: `N passed, N failed[, N skipped]`. A file or a group that can't be set up counts as
 * a failure, too: its tests count as skipped.
 */
export class PlainSummary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0, pending: 0 }
    const skipped: string[] = []
    for (const module of modules) {
      for (const group of [module, ...module.children.allSuites()]) if (group.errors().length > 0) count.failed++
      for (const test of module.children.allTests()) {
        const result = test.result()
        count[result.state]++
        if (result.state === "skipped") skipped.push(result.note === undefined ? test.fullName : `${test.fullName} (${result.note})`)
      }
    }
    if (modules.length > LONG_RUN) console.log(`slowest: ${slowest(modules)}`)
    for (const name of skipped) console.log(`skipped: ${name}`)
    const ending = count.skipped > 0 ? `, ${count.skipped} skipped` : ""
    process.once("exit", () => console.log(`${count.passed} passed, ${count.failed + count.pending} failed${ending}`))
  }
}

function slowest(modules: readonly TestModule[]): string {
  const timed = modules.map((module) => ({ file: relative(process.cwd(), module.moduleId), seconds: Math.round(module.diagnostic().duration / 1000) }))
  return timed.toSorted((a, b) => b.seconds - a.seconds).slice(0, SLOWEST).map(({ file, seconds }) => `${file} ${seconds} s`).join(", ")
}

// oxlint-disable-next-line import/no-default-export -- vitest asks for one
export default PlainSummary
