import { Secret } from "../secret.ts"
import type { Fault } from "./faults.ts"
import { mapLeaves } from "./leaves.ts"
import { step } from "./pointer.ts"
import { isObject, type Schema } from "./schema.ts"

/** A copy of a value with every secret as its text, for a validator. */
export function revealed(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal()
  if (Array.isArray(value)) return value.map(revealed)
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revealed(item)])) : value
}

/** A copy of a revealed value in which every text of a password field is a `Secret`; where it fits no branch of a union, of any of them. */
export function concealed(root: Schema, value: unknown, part: Schema = root): unknown {
  return mapLeaves(root, part, value, ({ value: leaf, parts }) => (typeof leaf === "string" && parts.some(({ format }) => format === "password") ? new Secret(leaf) : leaf))
}

/** Where a value has a secret and the concealed one has none: it would be stored and shown in the clear. */
export function leaks(value: unknown, safe: unknown, pointer = ""): Fault[] {
  if (value instanceof Secret) return safe instanceof Secret ? [] : [{ pointer, message: "holds a secret, but is not declared format: password" }]
  if (!Array.isArray(value) && !isObject(value)) return []
  return Object.entries(value).flatMap(([key, item]) => leaks(item, isObject(safe) || Array.isArray(safe) ? Reflect.get(safe, key) : undefined, pointer + step(key)))
}
