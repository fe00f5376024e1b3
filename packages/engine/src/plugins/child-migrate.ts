import { decode, encode, encodeError, type WireError } from "@veneer/sdk/call"
import { migrationOf } from "@veneer/sdk/migrate"

/** What became of one value; the value is encoded by itself, so that one that can't be costs only itself. */
export type MigratedAnswer = { value: unknown } | { error: WireError }

/** In a plugin's process: puts stored values through one migration. */
export function migrateAll(plugin: unknown, migration: string, values: readonly unknown[]): MigratedAnswer[] {
  const migrate = migrationOf(plugin, migration)
  if (!migrate) throw new Error(`There is no migration ${migration}.`)
  return values.map((value) => {
    try {
      return { value: encoded(migrate(decode(value))) }
    } catch (error) {
      return { error: encodeError(error) }
    }
  })
}

function encoded(value: unknown): unknown {
  if (typeof value === "object" && value !== null && "then" in value) throw new Error("It returned a promise; a migration waits for nothing.")
  try {
    return encode(value) ?? null
  } catch (error) {
    throw new Error(`It returned ${error instanceof Error ? error.message : String(error)}.`, { cause: error })
  }
}
