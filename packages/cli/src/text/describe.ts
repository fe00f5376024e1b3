import { clean, cleanLine } from "./clean.ts"
import { ago, bytes, duration } from "./format.ts"

const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

/** An object as aligned lines of name and value; objects in it are indented below their name. */
export function describe(object: Readonly<Record<string, unknown>>, indent = ""): string {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined && !isEmpty(value))
  const width = Math.max(0, ...entries.map(([name]) => labelOf(name).length)) + 2
  return entries.map(([name, value]) => lineOf(name, value, indent, width)).join("\n")
}

function lineOf(name: string, value: unknown, indent: string, width: number): string {
  const label = indent + labelOf(name)
  if (isReference(value)) return label.padEnd(indent.length + width) + cleanLine(`${value.name} (${value.id})`)
  if (Array.isArray(value) && value.some((item) => typeof item === "object")) {
    return `${label}\n${value.map((item) => describe(recordOf(item), `${indent}  `)).join("\n\n")}`
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return `${label}\n${describe(recordOf(value), `${indent}  `)}`
  const text = valueOf(name, value)
  return text.includes("\n") ? `${label}\n${text.replaceAll(/^/gm, `${indent}  `)}` : label.padEnd(indent.length + width) + text
}

function valueOf(name: string, value: unknown): string {
  if (typeof value === "number" && name.endsWith("Bytes")) return bytes(value)
  if (typeof value === "number" && name === "ms") return duration(value)
  if (typeof value === "boolean") return value ? "yes" : "no"
  if (Array.isArray(value)) return value.map((item) => cleanLine(String(item))).join(", ")
  const text = String(value)
  return TIME.test(text) ? `${ago(text)} (${text})` : clean(text)
}

/** `createdAt` → `created at`. What a plugin named stays recognisable. */
const labelOf = (name: string): string => cleanLine(name).replaceAll(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)

const isEmpty = (value: unknown): boolean => typeof value === "object" && value !== null && Object.keys(value).length === 0

const recordOf = (value: unknown): Record<string, unknown> => (typeof value === "object" && value !== null ? { ...value } : { value })

function isReference(value: unknown): value is { id: string; name: string } {
  return typeof value === "object" && value !== null && "id" in value && "name" in value && Object.keys(value).length === 2
}
