import type { ErrorObject } from "ajv"
import { createAjv } from "./ajv.ts"
import type { PluginFault } from "./plugin-fault.ts"

const names = ["repository", "sourceConfig", "linkedSource", "virtualSource", "snapshot", "snapshotParameters"] as const

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

/** Faults of the six schemas: there, of objects, valid, and their keywords naming what exists. */
export function schemaFaults(schemas: unknown): PluginFault[] {
  if (!isObject(schemas)) return [{ place: "/schemas", message: "A plugin declares six schemas.", mend: `Add schemas: { ${names.join(", ")} }.` }]
  const unknown = Object.keys(schemas).filter((name) => !names.some((known) => known === name))
  return [
    ...unknown.map((name) => ({ place: `/schemas/${name}`, message: `There is no schema "${name}".`, mend: `The six are ${names.join(", ")}.` })),
    ...names.flatMap((name) => faultsOf(name, schemas[name])),
  ]
}

function faultsOf(name: string, declared: unknown): PluginFault[] {
  const place = `/schemas/${name}`
  if (!isObject(declared)) return [{ place, message: `The schema "${name}" is missing.`, mend: `Declare it; Type.Object({}) if there is nothing to say.` }]
  const schema: Json = JSON.parse(JSON.stringify(declared))
  if (schema["type"] !== "object") return [{ place, message: `The schema "${name}" is not of an object.`, mend: `Make it Type.Object({ … }).` }]
  const faults = compileFaults(place, schema)
  if (faults.length > 0) return faults
  const properties = isObject(schema["properties"]) ? schema["properties"] : {}
  return [...identityFaults(name, schema, properties), ...nameFaults(place, schema, properties), ...accessFaults(place, schema, properties)]
}

function compileFaults(place: string, schema: Json): PluginFault[] {
  const ajv = createAjv()
  const mend = "Write it as JSON Schema 2020-12 with Veneer's keywords; strict mode refuses what it doesn't know."
  if (!ajv.validateSchema(schema)) return (ajv.errors ?? []).map((error) => ({ place: place + error.instancePath, message: `${place.slice(1)}: ${text(error)}.`, mend }))
  try {
    ajv.compile(schema)
    return []
  } catch (error) {
    return [{ place, message: error instanceof Error ? error.message : String(error), mend }]
  }
}

const text = ({ message = "is wrong", params }: ErrorObject) => `${message} (${JSON.stringify(params)})`

/** Only what has an identity needs one: repositories and source configs. */
function identityFaults(name: string, schema: Json, properties: Json): PluginFault[] {
  const place = `/schemas/${name}/identityFields`
  const fields = schema["identityFields"]
  if (!Array.isArray(fields)) {
    if (name !== "repository" && name !== "sourceConfig") return []
    return [{ place, message: `The schema "${name}" names no identityFields.`, mend: "Name the properties that tell one from another." }]
  }
  const required: unknown[] = Array.isArray(schema["required"]) ? schema["required"] : []
  return fields.map(String).flatMap((field) => {
    if (!(field in properties)) return [{ place, message: `The identity field "${field}" is not a property.`, mend: "Name a property of the schema." }]
    if (!required.includes(field)) return [{ place, message: `The identity field "${field}" is optional.`, mend: "Make it required: without it nothing tells one from another." }]
    return []
  })
}

function nameFaults(place: string, schema: Json, properties: Json): PluginFault[] {
  const field = schema["nameField"]
  if (typeof field !== "string") return []
  const property = properties[field]
  if (isObject(property) && property["type"] === "string" && property["format"] !== "password") return []
  return [{ place: `${place}/nameField`, message: `The name field "${field}" is not a string property that may be shown.`, mend: "Name a string property of the schema." }]
}

function accessFaults(place: string, schema: Json, properties: Json): PluginFault[] {
  const access = schema["access"]
  if (!isObject(access)) return []
  return Object.entries(access).flatMap(([part, value]) =>
    placeholders(value).flatMap((name) => {
      const property = properties[name]
      const at = `${place}/access/${part}`
      if (property === undefined) return [{ place: at, message: `"{${name}}" is not a property.`, mend: "Name a property of the schema in braces." }]
      if (part !== "command" || !isObject(property) || property["format"] !== "password") return []
      return [{ place: at, message: `"{${name}}" is a secret, and arguments show in process listings.`, mend: "Hand it over in access.environment." }]
    }),
  )
}

function placeholders(value: unknown): string[] {
  if (typeof value === "string") return [...value.matchAll(/\{([^{}]*)\}/g)].map(([, name = ""]) => name)
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(placeholders) : []
}
