import type { Redactor } from "./redact.ts"

const SHOWN_LIMIT = 120

/** What stands at a JSON pointer into a value, for a message; undefined where nothing does. */
export function valueAt(value: unknown, pointer: string): unknown {
  const steps = pointer.split("/").slice(1).map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
  return steps.reduce<unknown>((at, part) => (typeof at === "object" && at !== null && Object.hasOwn(at, part) ? Reflect.get(at, part) : undefined), value)
}

/** A value in a message: as JSON, its secrets masked, cut where it is long; no sooner, or a part of one would stay. */
export function shown(value: unknown, redactor: Redactor): string {
  if (value === undefined) return "nothing"
  const text = redactor.text(JSON.stringify(value))
  return text.length > SHOWN_LIMIT ? `${text.slice(0, SHOWN_LIMIT)}…` : text
}
