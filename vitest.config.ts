import { join } from "node:path"
import { defineConfig } from "vitest/config"
import { LongestFirst } from "./test/sequencer.ts"

const WORKERS = 2
/** Real servers on a shared machine: a hang must end, a slow one must not fail. */
const DEADLINE_MS = 300_000

const packages = { sdk: "packages/sdk", engine: "packages/engine", cli: "packages/cli", testkit: "packages/testkit", postgres: "plugins/postgres", files: "plugins/files", "files-direct": "plugins/files-direct" }

/** A condition is waited for as long as a slow machine may need; it ends the wait at once when it holds. */
const POLL = { timeout: 60_000, interval: 20 }

const limits = { testTimeout: DEADLINE_MS, hookTimeout: DEADLINE_MS, expect: { poll: POLL } }

// oxlint-disable-next-line import/no-default-export -- vitest asks for one
export default defineConfig({
  test: {
    maxWorkers: WORKERS,
    globalSetup: "./test/support/bundled.ts",
    sequence: { sequencer: LongestFirst },
    reporters: [process.stdout.isTTY ? "default" : "dot", "./test/reporter.ts"],
    projects: [
      ...Object.entries(packages).map(([name, root]) => ({ test: { name, root: join(import.meta.dirname, root), include: ["src/**/*.test.ts", "test/**/*.test.ts"], ...limits } })),
      { test: { name: "docs", root: join(import.meta.dirname, "packages/docs"), include: ["examples/*/test/**/*.test.ts"], ...limits } },
      { test: { name: "shell", include: ["shell/**/*.test.ts"], ...limits } },
      { test: { name: "whole", include: ["test/**/*.test.ts"], ...limits } },
    ],
  },
})
