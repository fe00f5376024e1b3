import type { ValidateFunction } from "ajv"
import { createAjv } from "../ajv.ts"
import { faultsOf, type Fault } from "./faults.ts"
import type { Schema } from "./schema.ts"

/** Schemas of scripts' outputs come with each call; so many different ones are kept compiled. */
const TEXT_LIMIT = 256

/** What a schema found no fault with is of the type that the schema describes. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the type that goes with the schema
export const holds = <T>(_value: unknown, faults: readonly Fault[]): _value is T => faults.length === 0

/** Holds values against schemas, each compiled once. Every plugin has its own, since schemas may carry the same names. */
export class Validator {
  readonly #bySchema = new WeakMap<Schema, ValidateFunction>()
  readonly #byText = new Map<string, Schema>()

  /** What is wrong with a value; nothing when it fits. */
  faults(schema: Schema, value: unknown): Fault[] {
    const validate = this.#compiled(schema)
    return validate(value) ? [] : faultsOf(validate.errors ?? [])
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

  #compiled(schema: Schema): ValidateFunction {
    const known = this.#bySchema.get(schema)
    if (known) return known
    const compiled = createAjv().compile(schema)
    this.#bySchema.set(schema, compiled)
    return compiled
  }
}
