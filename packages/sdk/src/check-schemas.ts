import type { PluginFault } from "./plugin-fault.ts"
import { accessRule } from "./schema-check/access.ts"
import { credentialsRule } from "./schema-check/credentials.ts"
import { defaultRule } from "./schema-check/default.ts"
import { hiddenRule, hintRule, messagesRule, orderingRule } from "./schema-check/form.ts"
import { identityRule } from "./schema-check/identity.ts"
import { referenceRule } from "./schema-check/reference.ts"
import { resyncRule } from "./schema-check/resync.ts"
import { otherVersion, standardFaults, strictFaults, unknownFormats, unknownKeywords, unresolvedReferences } from "./schema-check/standard.ts"
import { schemaNames, type Rule, type Subject } from "./schema-check/subject.ts"
import { textRule } from "./schema-check/text.ts"
import { unionRule } from "./schema-check/union.ts"
import { documentOf } from "./values/document.ts"
import { isObject, type Schema } from "./values/schema.ts"
import { placesIn } from "./values/walk.ts"

/** What must hold before anything else can be said of a schema. */
const grounds: readonly Rule[] = [unknownKeywords, otherVersion, unknownFormats, unresolvedReferences]

/** What Veneer's own keywords promise. */
const rules: readonly Rule[] = [
  identityRule, accessRule, orderingRule, hintRule, hiddenRule, messagesRule, textRule, referenceRule, credentialsRule, unionRule, defaultRule, resyncRule,
]

/** Faults of the six schemas: there, of objects, valid, and their keywords naming what exists. */
export function schemaFaults(schemas: unknown): PluginFault[] {
  if (!isObject(schemas)) return [{ place: "/schemas", message: "A plugin declares six schemas.", mend: `Add schemas: { ${schemaNames.join(", ")} }.` }]
  const unknown = Object.keys(schemas).filter((name) => !schemaNames.some((known) => known === name))
  return [
    ...unknown.map((name) => ({ place: `/schemas/${name}`, message: `There is no schema "${name}".`, mend: `The six are ${schemaNames.join(", ")}.` })),
    ...schemaNames.flatMap((name) => faultsOf(name, schemas[name])),
  ]
}

function faultsOf(name: Subject["name"], declared: unknown): PluginFault[] {
  const place = `/schemas/${name}`
  if (!isObject(declared)) return [{ place, message: `The schema "${name}" is missing.`, mend: `Declare it; Type.Object({}) if there is nothing to say.` }]
  const schema: Schema = JSON.parse(JSON.stringify(declared))
  if (schema["type"] !== "object") return [{ place, message: `The schema "${name}" is not of an object.`, mend: `Make it Type.Object({ … }).` }]
  const subject: Subject = { name, document: documentOf(schema), places: [...placesIn(schema)] }
  const wrong = [...standardFaults(subject), ...applied(grounds, subject)]
  const faults = wrong.length > 0 ? wrong : strictFaults(subject)
  return faults.length > 0 ? faults : applied(rules, subject)
}

const applied = (all: readonly Rule[], subject: Subject): PluginFault[] => subject.places.flatMap((place) => all.flatMap((rule) => rule(subject, place)))
