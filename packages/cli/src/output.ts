import pc from "picocolors"
import { cleanJson } from "./text/clean.ts"
import { table, type Column } from "./text/table.ts"

const DEFAULT_COLUMNS = 80

/** How results are shown: as one JSON document, as ids only, or for people. */
export interface OutputOptions {
  json?: boolean | undefined
  quiet?: boolean | undefined
}

/** Where results and remarks go. */
export class Output {
  readonly json: boolean
  readonly quiet: boolean
  readonly colors = pc.createColors(pc.isColorSupported && process.stdout.isTTY)
  readonly errorColors = pc.createColors(pc.isColorSupported && process.stderr.isTTY)

  constructor({ json, quiet }: OutputOptions) {
    this.json = json === true
    this.quiet = quiet === true
  }

  /** Whether remarks and progress go to a terminal. */
  get isInteractive(): boolean {
    return process.stderr.isTTY
  }

  get columns(): number {
    return process.stdout.columns ?? (Number(process.env["COLUMNS"]) || DEFAULT_COLUMNS)
  }

  /** The result, on standard output. */
  print(text: string): void {
    process.stdout.write(`${text}\n`)
  }

  /** A remark for the person, on standard error: not with --json or --quiet. */
  remark(text: string): void {
    if (!this.json && !this.quiet) process.stderr.write(`${text}\n`)
  }

  /** A result in the form asked for. */
  result(document: unknown, { id, text }: { id: string | undefined; text: () => string }): void {
    if (this.json) this.print(cleanJson(document))
    else if (this.quiet) {
      if (id !== undefined) this.print(id)
    } else this.print(text())
  }

  /** A listing in the form asked for. @param none what to say of an empty one */
  list<T>(items: readonly T[], { idOf, columns, none }: { idOf: (item: T) => string; columns: readonly Column<T>[]; none: string }): void {
    if (this.json) this.print(cleanJson({ items }))
    else if (this.quiet) for (const item of items) this.print(idOf(item))
    else if (items.length === 0) this.remark(none)
    else this.print(table(items, columns, this.columns, this.colors.bold))
  }

  /** A state in the colour of what it means. */
  readonly state = (text: string): string => {
    const word = text.trim()
    if (["active", "succeeded", "published", "done"].includes(word)) return this.colors.green(text)
    if (["failed", "publish_failed", "degraded", "active (degraded)", "active (inactive)"].includes(word)) return this.colors.red(text)
    return this.colors.yellow(text)
  }
}
