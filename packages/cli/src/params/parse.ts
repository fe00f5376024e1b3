import { UsageError } from "../errors.ts"

/** A text from the command line, which gets its type from the schema. */
export class Raw {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toJSON(): string {
    return this.text
  }
}

/** Parameters while they are put together: JSON in which some leaves are still text. */
export interface Tree {
  [name: string]: unknown
}

/** Splits `a.b=value`. A dot in a name is written `\.`. @throws UsageError */
export function split(assignment: string): { path: string[]; text: string } {
  const equals = assignment.indexOf("=")
  if (equals < 1) throw new UsageError(`--param ${equals === 0 ? "without a name" : assignment} sets nothing.`, "Write it as name=value; dots lead into objects: --param method.type=copy.")
  const path = [""]
  for (const [part] of assignment.slice(0, equals).matchAll(/\\?[^]/gu)) {
    if (part === ".") path.push("")
    else path.push(`${path.pop() ?? ""}${part.length > 1 && part.startsWith("\\") ? part.slice(1) : part}`)
  }
  if (path.includes("") || path.includes("__proto__")) throw new UsageError(`--param ${assignment.slice(0, equals)} has no name that could be set.`)
  return { path, text: assignment.slice(equals + 1) }
}

/** Puts a value at its path, making the objects on the way. @throws UsageError when something else is there */
export function assign(tree: Tree, path: readonly string[], value: unknown): void {
  let at = tree
  for (const name of path.slice(0, -1)) {
    const next = Object.hasOwn(at, name) ? at[name] : (at[name] = {})
    if (!isTree(next)) throw new UsageError(`--param ${path.join(".")} leads through "${name}", which has a value of its own.`)
    at = next
  }
  const last = path.at(-1) ?? ""
  if (Object.hasOwn(at, last) && isTree(at[last])) throw new UsageError(`--param ${path.join(".")} would replace what is set below it.`)
  at[last] = value
}

export const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Raw)
