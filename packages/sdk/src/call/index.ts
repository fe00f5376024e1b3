// The plugin's side of a call, and what passes between it and the engine. Loaded into every plugin's process: nothing
// heavy may be imported here.
export { beginCall } from "./begin.ts"
export type { Begin, ConnectionFacts } from "./begin.ts"
export { methods } from "./method.ts"
export type { Method } from "./method.ts"
export { decode, encode } from "./wire.ts"
export { decodeError, encodeError } from "./wire-error.ts"
export type { WireError } from "./wire-error.ts"
