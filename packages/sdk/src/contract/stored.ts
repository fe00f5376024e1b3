import type { MigrationKind } from "../migrate.ts"
import { concealed, holds, leaks, referencesIn, revealed, withDefaults, withIds, type Fault, type Schema } from "../values/index.ts"
import { resolve, type Acceptance, type FindReference } from "./accept.ts"
import { createRedactor, type Redactor } from "./redact.ts"
import { shown, valueAt } from "./shown.ts"

/** What people give is stored with the schema's defaults filled in; what the plugin found or made is stored as it said it. */
const given: readonly MigrationKind[] = ["linkedSource", "virtualSource"]

/** A stored value as a newer build is to find it, or what is wrong with it there. */
export type Accepted = { value: Record<string, unknown>; faults?: undefined } | { value?: undefined; faults: readonly Fault[] }

/**
 * Holds a stored value against the schema that another build has for it. Password fields come out as secrets, references
 * as ids; a secret where the schema has none is a fault. Each fault tells what is there, secrets masked.
 */
export async function acceptStored({ validator, schema, references }: Acceptance, kind: MigrationKind, value: unknown): Promise<Accepted> {
  const { plain, unmet } = given.includes(kind) ? await completed(schema, revealed(value), references) : { plain: revealed(value), unmet: [] }
  const safe = concealed(schema, plain)
  const faults = [...validator.faults(schema, plain), ...unmet, ...leaks(value, safe)]
  if (holds<Record<string, unknown>>(safe, faults)) return { value: safe }
  const redactor = createRedactor()
  redactor.add(value)
  redactor.add(safe)
  return { faults: faults.map(({ pointer, message }) => ({ pointer, message: redactor.text(message) + found(valueAt(safe, pointer), redactor) })) }
}

/** What a person would have had completed. */
async function completed(schema: Schema, value: unknown, references: FindReference): Promise<{ plain: unknown; unmet: readonly Fault[] }> {
  const filled = withDefaults(schema, value)
  const { ids, unmet } = await resolve(referencesIn(schema, filled), references)
  return { plain: withIds(schema, filled, ids), unmet }
}

const found = (value: unknown, redactor: Redactor) => (value === undefined ? "" : `; it is ${shown(value, redactor)}`)
