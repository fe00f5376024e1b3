import { cleanLine } from "./clean.ts"
import { fit, pad, widthOf } from "./width.ts"

const GAP = "  "
/** Narrower than this a column tells nothing. */
const NARROWEST = 8

/** One column of a listing. */
export interface Column<T> {
  head: string
  cell: (item: T) => string
  /** Never cut: ids and states, which people copy or compare. */
  whole?: boolean
  /** Numbers stand on the right. */
  right?: boolean
  paint?: (text: string) => string
}

/** An aligned table no wider than `width`: the widest columns give way first. */
export function table<T>(items: readonly T[], columns: readonly Column<T>[], width: number, head: (text: string) => string): string {
  const rows = items.map((item) => columns.map((column) => cleanLine(column.cell(item))))
  const widths = columns.map((column, index) => Math.max(widthOf(column.head), ...rows.map((row) => widthOf(row[index] ?? ""))))
  shrink(widths, columns, width - GAP.length * (columns.length - 1))
  const line = (cells: readonly string[], paint: (text: string, index: number) => string) =>
    cells.map((cell, index) => paint(placed(cell, widths[index] ?? 0, columns[index]?.right === true), index)).join(GAP).trimEnd()
  const lines = rows.map((row) => line(row, (text, index) => columns[index]?.paint?.(text) ?? text))
  return [line(columns.map((column) => column.head), head), ...lines].join("\n")
}

function shrink(widths: number[], columns: readonly Column<never>[], room: number): void {
  const excess = () => widths.reduce((sum, width) => sum + width, 0) - room
  while (excess() > 0) {
    const givers = widths.map((width, index) => (columns[index]?.whole === true ? 0 : width))
    const widest = Math.max(...givers)
    if (widest <= NARROWEST) return
    widths[givers.indexOf(widest)] = widest - 1
  }
}

function placed(text: string, width: number, right: boolean): string {
  const fitted = fit(text, width)
  return right ? " ".repeat(Math.max(0, width - widthOf(fitted))) + fitted : pad(fitted, width)
}
