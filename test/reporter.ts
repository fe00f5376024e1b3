import type { Reporter, TestModule } from "vitest/node"

/** Prints the one plain line a run ends with: `N passed, N failed[, N skipped]`. A file that can't be run counts as failed. */
export class PlainSummary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0, pending: 0 }
    const skipped: string[] = []
    for (const module of modules) {
      if (module.errors().length > 0) count.failed++
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        count[state]++
        if (state === "skipped") skipped.push(test.fullName)
      }
    }
    for (const name of skipped) console.log(`skipped: ${name}`)
    const ending = count.skipped > 0 ? `, ${count.skipped} skipped` : ""
    process.once("exit", () => console.log(`${count.passed} passed, ${count.failed + count.pending} failed${ending}`))
  }
}

// oxlint-disable-next-line import/no-default-export -- vitest asks for one
export default PlainSummary
