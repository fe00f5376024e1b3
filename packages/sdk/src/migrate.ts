/** What a build stores and a later build may migrate. Snapshot parameters are not here: they end with their sync. */
export const migrationKinds = ["repository", "sourceConfig", "linkedSource", "virtualSource", "snapshot"] as const

/** The schema whose stored values a migration changes. `sourceConfig` is those found, those entered by hand and those of VDBs alike. */
export type MigrationKind = (typeof migrationKinds)[number]

/** A value as an older build left it: JSON, with its password fields as `Secret`. */
export type StoredValue = Record<string, unknown>

/** A migration as a manifest tells of it, its id in canonical form. */
export interface MigrationFacts {
  id: string
  kind: MigrationKind
}

/** One change of everything that is stored of one kind. Made by {@link migration}. */
export interface Migration extends MigrationFacts {
  /** Whoever wrote it knows what the build before it stored. */
  migrate: (old: never) => object
}

/** What a migration returns: an object, and no promise of one. */
type Migrated = object & { then?: never }

/**
 * Declares a migration: a pure function from a stored value to the one that the next build stores.
 *
 * On an upgrade, those that the installed build did not have run in the numeric order of their ids, each once for every
 * stored object of its kind. What the last one returns is held against the schema; a `default` of the schemas of linked
 * and virtual sources fills what is absent, as it does for a person. Secrets come and go as `Secret`.
 *
 * @param id dotted numbers, not all zero; no two of a plugin are the same number: `1.2` is `01.02.0`
 * @param migrate type its parameter as what was stored, and its result as `Static` of the schema, as long as it is the newest of its kind
 *
 * @example
 * migrations: [
 *   migration("2.1", "virtualSource", (old: { port: string }): Static<typeof virtualSource> => ({ ...old, port: Number(old.port) })),
 * ]
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- an annotated parameter is what was stored; without one it is a StoredValue
export function migration<Old extends object = StoredValue>(id: string, kind: MigrationKind, migrate: (old: Old) => Migrated): Migration {
  return { id, kind, migrate }
}

const LONGEST = 64

/**
 * The one form of a dotted number: no leading zeros, no trailing parts that are zero.
 * @returns undefined for what is no dotted number, is zero, or has more than 64 characters
 */
export function canonicalId(id: string): string | undefined {
  if (id.length > LONGEST || !/^\d+(?:\.\d+)*$/.test(id)) return undefined
  const canonical = partsOf(id).join(".")
  return canonical === "" ? undefined : canonical
}

/** Orders dotted numbers by their parts, as numbers of any length; a missing part is zero. */
export function compareIds(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)]
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = compareNumbers(left[index] ?? "0", right[index] ?? "0")
    if (difference !== 0) return difference
  }
  return 0
}

function partsOf(id: string): string[] {
  const parts = id.split(".").map((part) => part.replace(/^0+(?=\d)/, ""))
  return parts.slice(0, parts.findLastIndex((part) => part !== "0") + 1)
}

/** Of numbers without leading zeros the longer is the greater. */
function compareNumbers(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : Number(a > b)
}

/** A plugin's migrations as its manifest names them: ids in canonical form, in the order in which they run. */
export function describeMigrations(migrations: readonly Migration[] = []): MigrationFacts[] {
  return migrations.map(({ id, kind }) => ({ id: canonicalId(id) ?? id, kind })).sort((a, b) => compareIds(a.id, b.id))
}

/** The function of the migration with this id, whichever way the plugin writes it. */
export function migrationOf(plugin: unknown, id: string): ((old: unknown) => unknown) | undefined {
  const migrations: unknown = typeof plugin === "object" && plugin !== null ? Reflect.get(plugin, "migrations") : undefined
  const found: unknown = Array.isArray(migrations) ? migrations.find((each: Partial<Migration>) => canonicalId(String(each.id)) === canonicalId(id)) : undefined
  const migrate: unknown = typeof found === "object" && found !== null ? Reflect.get(found, "migrate") : undefined
  return typeof migrate === "function" ? (old): unknown => Reflect.apply(migrate, found, [old]) : undefined
}
