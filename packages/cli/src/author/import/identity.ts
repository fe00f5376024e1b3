import { isObject } from "@veneer/sdk/values"
import type { Notes } from "./notes.ts"

type Json = Record<string, unknown>

/** A repository or source config has an identity and a name, whose properties are required. Other schemas have neither. */
export function identified(name: string, schema: Json, at: string, notes: Notes): Json {
  if (name === "repository" || name === "sourceConfig") return required(complete(schema, at, notes), at, notes)
  const { identityFields, nameField, ...rest } = schema
  for (const [keyword, value] of Object.entries({ identityFields, nameField })) if (value !== undefined) notes.add(`${at}/${keyword}`, "Only repositories and source configs have one; it is left out.")
  return rest
}

function complete(schema: Json, at: string, notes: Notes): Json {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {}
  const text = Object.keys(properties).find((field) => isObject(properties[field]) && properties[field]["type"] === "string" && properties[field]["format"] !== "password")
  const given = Array.isArray(schema["identityFields"]) ? schema["identityFields"].map(String) : []
  const there = given.filter((field) => Object.hasOwn(properties, field))
  if (there.length < given.length) notes.add(`${at}/identityFields`, "It names what is no property; that is left out.")
  if (there.length > 0 && typeof schema["nameField"] === "string") return { ...schema, identityFields: [...new Set(there)] }
  if (text === undefined) {
    notes.add(at, "No property could tell one from another: a name is added.")
    return { ...schema, properties: { name: { type: "string", title: "Name" }, ...properties }, identityFields: ["name"], nameField: "name" }
  }
  notes.add(at, `It names no ${there.length === 0 ? "identityFields" : "nameField"}: "${text}" is taken.`)
  return { ...schema, identityFields: there.length > 0 ? [...new Set(there)] : [text], nameField: typeof schema["nameField"] === "string" ? schema["nameField"] : text }
}

function required(schema: Json, at: string, notes: Notes): Json {
  const needed = Array.isArray(schema["required"]) ? schema["required"].map(String) : []
  const fields = [...(Array.isArray(schema["identityFields"]) ? schema["identityFields"].map(String) : []), String(schema["nameField"])]
  const optional = [...new Set(fields)].filter((field) => !needed.includes(field))
  if (optional.length === 0) return schema
  notes.add(`${at}/required`, `What tells one from another, or names it, can't be absent: ${optional.join(", ")} ${optional.length === 1 ? "is" : "are"} required now.`)
  return { ...schema, required: [...needed, ...optional] }
}
