import type { Turns } from "./clock.ts"

const GB = 1024 ** 3

/** How much is measured. */
export interface Sizes {
  /** pgbench's, of the main source: 15 MB each. */
  scale: number
  poolBytes: number
  /** Pairs taken of what lasts less than a second. */
  many: Turns
  /** The same, of what lasts longer. */
  few: Turns
  /** Megabytes in the small and the large image of provision-growth-size. */
  growthMegabytes: readonly [small: number, large: number]
  /** Files in the many-files image; the other one is an almost empty cluster's, about 1,000. */
  growthFiles: number
  fleet: number
  snapshots: number
  /** How long an idle engine is watched. */
  idleMs: number
}

/** What limits.md asks for. */
export const FULL: Sizes = { scale: 340, poolBytes: 60 * GB, many: { runs: 15, budgetMs: Infinity }, few: { runs: 5, budgetMs: Infinity }, growthMegabytes: [1024, 8192], growthFiles: 20_000, fleet: 100, snapshots: 100_000, idleMs: 60_000 }

/** What fits into three minutes on two shared cores. */
export const QUICK: Sizes = { scale: 20, poolBytes: 8 * GB, many: { runs: 7, budgetMs: 8000 }, few: { runs: 3, budgetMs: 8000 }, growthMegabytes: [32, 256], growthFiles: 5000, fleet: 12, snapshots: 10_000, idleMs: 10_000 }
