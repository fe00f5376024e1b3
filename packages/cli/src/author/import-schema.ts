import { isObject } from "@veneer/sdk/values"
import { converted } from "./import/convert.ts"
import { Definitions } from "./import/definitions.ts"
import { identified } from "./import/identity.ts"
import { Notes, type ImportNote } from "./import/notes.ts"
import { program } from "./import/program.ts"
import { refersTo, repaired } from "./import/repair.ts"

type Schemas = Record<string, Record<string, unknown>>

/** Each of our schemas, and the definition of a foreign file that it comes from. */
const sources = {
  repository: "repositoryDefinition", sourceConfig: "sourceConfigDefinition", linkedSource: "linkedSourceDefinition", virtualSource: "virtualSourceDefinition", snapshot: "snapshotDefinition",
  snapshotParameters: "snapshotParametersDefinition",
}
const absent: Record<string, Record<string, unknown>> = {
  repository: { type: "object", properties: { name: { type: "string", title: "Name" } }, required: ["name"], identityFields: ["name"], nameField: "name" },
  snapshotParameters: { type: "object", properties: { resync: { type: "boolean", title: "Resync", description: "Copy the whole source anew.", default: false } }, additionalProperties: false },
}

/** Names that mean something in the code already. */
const taken = [...Object.keys(sources), "schemas", "Type", "Static", "Secret", "secret", "reference", "credentials", "union"]

/**
 * Makes typed code of the `schema.json` of an existing Delphix plugin.
 * @param json the parsed file: repositoryDefinition, sourceConfigDefinition and so on
 * @returns a module that exports the six schemas, and what of the file does not carry over as it was
 */
export function importSchema(json: unknown): { code: string; notes: readonly ImportNote[] } {
  const notes = new Notes()
  const file = isObject(json) ? json : {}
  if (!isObject(json)) notes.add("", "The file holds no object of definitions.")
  for (const name of Object.keys(file)) if (!Object.values(sources).includes(name) && name !== "definitions" && !name.startsWith("$")) notes.add(`/${name}`, "Veneer has no such schema; it is left out.")
  const definitions = new Definitions(file, taken)
  const schemas = Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, schemaOf(name, source, { file, notes, definitions })]))
  const named = convertAll(definitions, notes)
  const whole = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, withDefinitions(schema, named)]))
  tellOfDefaults(whole, notes)
  return { code: program(repaired(whole, notes, (name) => `/${Reflect.get(sources, name)}`, definitions.all)), notes: notes.all }
}

interface Import {
  file: Readonly<Record<string, unknown>>
  notes: Notes
  definitions: Definitions
}

function schemaOf(name: string, source: string, { file, notes, definitions }: Import): Record<string, unknown> {
  const at = `/${source}`
  const given = file[source]
  if (given === undefined) notes.add(at, "The file does not define it; the simplest there is takes its place.")
  const rooted = isObject(given) ? { ...given, type: "object" } : (absent[name === "sourceConfig" ? "repository" : name] ?? { type: "object", properties: {} })
  if (isObject(given) && given["type"] !== "object") notes.add(`${at}/type`, "It is of an object.")
  const schema = converted(rooted, { notes, definitions, root: at }, { at, beside: {} })
  return identified(name, isObject(schema) ? schema : {}, at, notes)
}

/** Definitions may refer to others, which are then converted, too. */
function convertAll(definitions: Definitions, notes: Notes): Schemas {
  const done: Schemas = {}
  for (;;) {
    const next = definitions.all.find(({ name }) => !Object.hasOwn(done, name))
    if (!next) return done
    const [, first = ""] = next.pointer.split("/")
    const root = Object.values(sources).includes(first) ? `/${first}` : ""
    const schema = converted(next.schema, { notes, definitions, root }, { at: next.pointer, beside: {} })
    done[next.name] = isObject(schema) ? schema : { ...(schema === false && { not: {} }) }
  }
}

function withDefinitions(schema: Record<string, unknown>, named: Schemas): Record<string, unknown> {
  const reached = new Set<string>()
  const reach = (part: unknown): void => {
    for (const name of refersTo(part)) {
      if (reached.has(name)) continue
      reached.add(name)
      reach(named[name])
    }
  }
  reach(schema)
  return reached.size === 0 ? schema : { ...schema, $defs: Object.fromEntries([...reached].map((name) => [name, named[name]])) }
}

function tellOfDefaults(schemas: Schemas, notes: Notes): void {
  if (JSON.stringify(schemas).includes('"default":')) notes.add("", "A default is not only shown in the form: it is taken wherever no value is given.")
}
