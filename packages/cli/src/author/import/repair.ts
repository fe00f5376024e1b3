import { checkPlugin } from "@veneer/sdk"
import { isObject } from "@veneer/sdk/values"
import type { Definition } from "./definitions.ts"
import type { Notes } from "./notes.ts"

type Schemas = Record<string, Record<string, unknown>>

/** Keywords that can be taken out without changing which values are accepted. */
const removable = ["default", "examples", "ordering", "prettyName", "title", "description", "rows", "collapsible", "hiddenWhen", "messages", "matches"]

/** Where a form's hints stand in a foreign file. */
const hints: Record<string, string> = { rows: "dxFormProperties/rows", collapsible: "dxFormProperties/collapsible", hiddenWhen: "dxFormProperties/hideExpression", messages: "dxFormProperties/validationMessages" }

/** Takes out what `check` would refuse, until nothing more can be; what remains is told, too. */
export function repaired(schemas: Schemas, notes: Notes, placeOf: (name: string) => string, definitions: readonly Definition[]): Schemas {
  const faults = checkPlugin({ schemas }, { scripts: [] }).filter(({ place }) => place.startsWith("/schemas/"))
  const wrong = faults.map(({ place, message, mend }) => ({ path: place.split("/").slice(2), message, mend }))
  const mendable = wrong.filter(({ path }) => cutOf(path) !== undefined)
  for (const { path, message, mend } of mendable.length > 0 ? mendable : wrong) {
    notes.add(foreign(path, placeOf, definitions), mendable.length > 0 ? `${message} It is left out.` : `${message} ${mend}`)
  }
  if (mendable.length === 0) return schemas
  const copy: Schemas = structuredClone(schemas)
  // From the end, so that the places of a list's other members stay what they are.
  for (const cut of new Set(mendable.map(({ path }) => (cutOf(path) ?? []).join("/")).toReversed())) remove(copy, cut.split("/"))
  return repaired(copy, notes, placeOf, definitions)
}

/** The way to what is taken out: the last keyword of those that may be, or only the member of it that is wrong. */
function cutOf(path: readonly string[]): string[] | undefined {
  const index = path.findLastIndex((token, position) => removable.includes(token) && path[position - 1] !== "properties")
  if (index === -1) return undefined
  return path.slice(0, path[index] === "messages" || path[index] === "ordering" ? Math.min(index + 2, path.length) : index + 1)
}

function remove(value: unknown, path: readonly string[]): void {
  const [token = "", ...rest] = path.map((part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"))
  if (typeof value !== "object" || value === null) return
  if (rest.length > 0) remove(Reflect.get(value, token), path.slice(1))
  else if (Array.isArray(value)) value.splice(Number(token), 1)
  else Reflect.deleteProperty(value, token)
}

/** Where that stood in the foreign file. */
function foreign(path: readonly string[], placeOf: (name: string) => string, definitions: readonly Definition[]): string {
  const [name = "", ...rest] = path
  const definition = definitions.find((candidate) => rest[0] === "$defs" && candidate.name === rest[1])
  const way = (definition ? rest.slice(2) : rest).map((token) => hints[token] ?? token)
  return [definition?.pointer ?? placeOf(name), ...way].join("/")
}

/** Whether anything in a schema refers to a definition. */
export function refersTo(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(refersTo)
  if (!isObject(schema)) return []
  const reference = schema["$ref"]
  return [...(typeof reference === "string" ? [reference.slice("#/$defs/".length)] : []), ...Object.values(schema).flatMap(refersTo)]
}
