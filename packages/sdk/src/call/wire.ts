import { Secret } from "../secret.ts"

/** How deep a value may be nested; more is taken for a value that contains itself. */
const DEPTH_LIMIT = 64

/** Stands for a secret, or for an object that would be taken for one. */
const SECRET = "$secret"
const PLAIN = "$plain"

/**
 * A value as JSON, for the channel between engine and plugin: secrets as `{ "$secret": text }`, what JSON knows no word
 * for left out, as `JSON.stringify` does.
 *
 * @throws TypeError for what is no JSON: a function, a number that is none, a value that contains itself
 */
export function encode(value: unknown, depth = 0): unknown {
  if (depth > DEPTH_LIMIT) throw new TypeError(`a value nested more than ${DEPTH_LIMIT} deep, or one that contains itself`)
  if (value === null || typeof value === "string" || typeof value === "boolean" || value === undefined) return value
  if (typeof value === "number" && Number.isFinite(value)) return value
  if (typeof value !== "object") throw new TypeError(`${typeof value === "number" ? String(value) : `a ${typeof value}`}, which is no JSON`)
  if (value instanceof Secret) return { [SECRET]: value.reveal() }
  if (Array.isArray(value)) return value.map((item) => encode(item, depth + 1) ?? null)
  if (value instanceof Date) return value.toISOString()
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => [key, encode(item, depth + 1)])
  const plain = Object.fromEntries(entries.filter(([, item]) => item !== undefined))
  return SECRET in plain || PLAIN in plain ? { [PLAIN]: plain } : plain
}

/** The value that {@link encode} was given. */
export function decode(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map(decode)
  const entries = Object.entries(value)
  const [first] = entries
  if (first?.[0] === SECRET && entries.length === 1 && typeof first[1] === "string") return new Secret(first[1])
  if (first?.[0] === PLAIN && entries.length === 1 && typeof first[1] === "object" && first[1] !== null) return decodeFields(Object.entries(first[1]))
  return decodeFields(entries)
}

const decodeFields = (entries: [string, unknown][]) => Object.fromEntries(entries.map(([key, item]) => [key, decode(item)]))
