/** A JSON Schema, or a part of one. */
export type Schema = Readonly<Record<string, unknown>>

/** A JSON object. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value)
