const IDENTIFIER = /^[A-Za-z_$][\w$]*$/

/** A JSON value as a literal of TypeScript. */
export function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return entries.length === 0 ? "{}" : `{ ${entries.map(([key, item]) => `${keyOf(key)}: ${literal(item)}`).join(", ")} }`
}

/** A name in an object literal. */
export function keyOf(name: string): string {
  if (name === "__proto__") return `["__proto__"]`
  return IDENTIFIER.test(name) ? name : JSON.stringify(name)
}
