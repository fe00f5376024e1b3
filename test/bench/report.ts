/** What limits.md asks to be measured, in its order. */
export const FIGURES = [
  "provision", "provision-growth-size", "provision-growth-files", "rewind", "refresh", "refresh-gap", "first-sync", "sync-bytes", "sync-idle",
  "ssh-command", "fleet", "idle-disk", "idle-memory", "catalog-listing", "engine-start", "engine-idle-cpu", "engine-rss",
] as const
export type FigureName = (typeof FIGURES)[number]

/** One line of the report. */
export interface Figure {
  name: FigureName
  /** The median of what Veneer took. */
  ours: number
  /** The median of the same by the bare tools; absent where there is nothing to hold it against. */
  floor?: number
  unit: "ms" | "bytes" | "%"
  /** Ours by floor; absent with it. */
  ratio?: number
  /** What the ratio must not exceed; without a floor, what ours must not. */
  goal: number
  runs: number
}

/** A figure that could not be had, and why. */
export interface Skipped {
  name: FigureName
  why: string
}

/** All of one run on one machine. */
export interface Report {
  machine: Readonly<Record<string, string | number | boolean>>
  figures: Figure[]
  skipped: Skipped[]
  /** What stands behind the figures, by figure. */
  details: Record<string, unknown>
}

/** The middle value, or the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]]
  if (low === undefined || high === undefined) throw new Error("There is no median of nothing.")
  return (low + high) / 2
}

interface Measured {
  name: FigureName
  unit: Figure["unit"]
  goal: number
}

/** A figure held against its floor, of values taken in turn. */
export function compared({ name, unit, goal }: Measured, { ours, floor }: { ours: readonly number[]; floor: readonly number[] }): Figure {
  const [mine, bare] = [median(ours), median(floor)]
  return { name, ours: round(mine), floor: round(bare), unit, ratio: round(mine / bare), goal, runs: ours.length }
}

/** A figure with a limit of its own. */
export function limited({ name, unit, goal }: Measured, ours: readonly number[]): Figure {
  return { name, ours: round(median(ours)), unit, goal, runs: ours.length }
}

/** Three digits are more than a benchmark knows; large numbers stay whole. */
export const round = (value: number): number => (Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)))

/** The document of `--json`, in the order of limits.md. */
export function toJson(report: Report): string {
  return `${JSON.stringify({ ...report, figures: inOrder(report.figures), skipped: inOrder(report.skipped) }, undefined, 2)}\n`
}

const inOrder = <T extends { name: FigureName }>(rows: readonly T[]): T[] => rows.toSorted((a, b) => FIGURES.indexOf(a.name) - FIGURES.indexOf(b.name))

/** The table for people. */
export function toTable({ figures, skipped }: Pick<Report, "figures" | "skipped">): string {
  const rows = inOrder(figures).map((figure) => {
    const { name, ours, floor, unit, ratio, goal, runs } = figure
    return [name, amount(ours), floor === undefined ? "–" : amount(floor), unit, ratio === undefined ? "–" : String(ratio), `≤ ${amount(goal)}${ratio === undefined ? ` ${unit}` : ""}`, String(runs), isMet(figure) ? "" : "missed"]
  })
  const table = [["figure", "ours", "floor", "unit", "ratio", "goal", "runs", ""], ...rows]
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? []
  const lines = table.map((row) => row.map((cell, column) => (column === 0 || column === 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ").trimEnd())
  return [...lines, ...inOrder(skipped).map(({ name, why }) => `${name}: skipped, ${why}`), ""].join("\n")
}

/** Whether a figure is within its goal. */
export const isMet = ({ ours, ratio, goal }: Figure): boolean => (ratio ?? ours) <= goal

const amount = (value: number): string => (Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en-US") : String(value))
