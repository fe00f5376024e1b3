import { documentOf } from "./document.ts"
import { faultsOf, type Fault } from "./faults.ts"
import type { Schema } from "./schema.ts"

/** Schemas of scripts' outputs come with each call; so many different ones are kept compiled. */
const TEXT_LIMIT = 256

/** What a schema found no fault with is of the type that the schema describes. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the type that goes with the schema
export const holds = <T>(_value: unknown, faults: readonly Fault[]): _value is T => faults.length === 0

/** Holds values against schemas, each compiled once. */
export class Validator {
  readonly #byText = new Map<string, Schema>()

  /** What is wrong with a value; nothing when it fits. */
  faults(schema: Schema, value: unknown): Fault[] {
    return faultsOf(documentOf(schema), schema, value)
  }

  /** The one object for all equal schemas, so that it is compiled once. */
  interned(schema: Schema): Schema {
    const text = JSON.stringify(schema)
    const known = this.#byText.get(text)
    if (known) return known
    if (this.#byText.size >= TEXT_LIMIT) this.#byText.clear()
    this.#byText.set(text, schema)
    return schema
  }
}
