import type { Reporter, TestModule } from "vitest/node"

/**
 * Prints the one plain line a run ends with: `N passed, N failed[, N skipped]`. A file or a group that can't be set up counts as
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
    for (const name of skipped) console.log(`skipped: ${name}`)
    const ending = count.skipped > 0 ? `, ${count.skipped} skipped` : ""
    process.once("exit", () => console.log(`${count.passed} passed, ${count.failed + count.pending} failed${ending}`))
  }
}

// oxlint-disable-next-line import/no-default-export -- vitest asks for one
export default PlainSummary
