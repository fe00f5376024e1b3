import { defineConfig } from "vitest/config"

// A file of its own, so that a plugin inside of another project is not tested by that one's.
export default defineConfig({ test: { include: ["test/**/*.test.ts"] } })
