import { concealed, holds, referencesIn, revealed, withDefaults, withIds, type Fault, type Schema, type Validator, type WantedReference } from "../values/index.ts"
import { ContractError } from "./error.ts"

/** A value of a plugin's: JSON, except that secrets are `Secret` objects while in memory. */
type PluginValue = Record<string, unknown>

/** Finds what a reference means: its id, or why it can't be taken, as words that follow its place: `names no environment`. */
export type FindReference = (wanted: WantedReference) => Promise<{ id: string; problem?: undefined } | { id?: undefined; problem: string }>

/** What a person's value is held against. */
export interface Acceptance {
  validator: Validator
  schema: Schema
  references: FindReference
}

/**
 * Holds what a person gave against a schema: defaults filled in, references as ids, password fields as secrets.
 * @param at JSON pointer put before those of the faults
 * @throws ContractError `invalid_request` with every fault
 */
export async function acceptValue({ validator, schema, references }: Acceptance, value: unknown, at: string): Promise<PluginValue> {
  const filled = withDefaults(schema, revealed(value))
  const { ids, unmet } = await resolve(referencesIn(schema, filled), references)
  const faults = [...validator.faults(schema, filled), ...unmet].map(({ pointer, message }) => ({ pointer: at + pointer, message }))
  const safe = concealed(schema, withIds(schema, filled, ids))
  if (holds<PluginValue>(safe, faults)) return safe
  throw new ContractError("invalid_request", `${faults.map(({ pointer, message }) => `${pointer} ${message}`).join("; ")}.`, { faults })
}

/** Finds what references mean. */
export async function resolve(wanted: readonly WantedReference[], find: FindReference): Promise<{ ids: Map<string, string>; unmet: Fault[] }> {
  const ids = new Map<string, string>()
  const unmet: Fault[] = []
  for (const reference of wanted) {
    const { id, problem } = await find(reference)
    if (id === undefined) unmet.push({ pointer: reference.pointer, message: problem })
    else ids.set(reference.pointer, id)
  }
  return { ids, unmet }
}
