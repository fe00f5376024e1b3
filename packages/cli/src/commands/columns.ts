import type { Output } from "../output.ts"
import { ago, bytes } from "../text/format.ts"
import type { Column } from "../text/table.ts"

/** Columns that many listings have. */
export const nameColumn: Column<{ name: string }> = { head: "NAME", cell: ({ name }) => name }
export const idColumn: Column<{ id: string }> = { head: "ID", cell: ({ id }) => id, whole: true }
export const createdColumn: Column<{ createdAt: string }> = { head: "CREATED", cell: ({ createdAt }) => ago(createdAt), whole: true }
export const environmentColumn: Column<{ environment: { name: string } }> = { head: "ENVIRONMENT", cell: ({ environment }) => environment.name }
export const pluginColumn: Column<{ plugin: string }> = { head: "PLUGIN", cell: ({ plugin }) => plugin }
/** The state, and where it was seen to be otherwise, how. */
export const stateColumn = (output: Output): Column<{ state: string; health?: { state: string } | undefined }> => ({
  head: "STATE", cell: ({ state, health }) => (health === undefined || health.state === state ? state : `${state} (${health.state})`), whole: true, paint: output.state,
})

/** A size that may not be known. */
export const sizeOf = (count: number | undefined): string => (count === undefined ? "" : bytes(count))
