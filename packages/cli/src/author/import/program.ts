import { isObject } from "@veneer/sdk/values"
import { literal } from "./literal.ts"
import { rendered, type Rendering } from "./render.ts"
import { refersTo } from "./repair.ts"
import { typeText } from "./type-text.ts"

type Schemas = Record<string, Record<string, unknown>>

/** The module of six schemas: a constant for each, and for each definition that does not contain itself. */
export function program(schemas: Schemas): string {
  const definitions = Object.fromEntries(Object.values(schemas).flatMap(({ $defs }) => (isObject($defs) ? Object.entries($defs) : [])))
  const order = sorted(definitions)
  const types = new Map<string, string>()
  const rendering: Rendering = { types, constants: new Set(order) }
  for (const name of order) types.set(name, typeText(definitions[name], types))
  const constants = new Map(order.map((name) => [name, rendered(definitions[name], rendering, 0)]))
  const exports = Object.entries(schemas).map(([name, schema]) => `export const ${name} = ${rendered(withUsed(schema, rendering, constants), rendering, 0)}\n`)
  const used = [...constants].filter(([name]) => [...constants.values(), ...exports].some((code) => new RegExp(`\\b${name}\\b`).test(code)))
  const body = [...used.map(([name, code]) => `const ${name} = ${code}\n`), ...exports, `export const schemas = { ${Object.keys(schemas).join(", ")} }\n`].join("\n")
  return `${importsOf(body)}\n${body}`
}

/** A schema with the definitions that the code of it, or of a constant it uses, refers to by name. */
function withUsed({ $defs, ...schema }: Record<string, unknown>, rendering: Rendering, constants: ReadonlyMap<string, string>): Record<string, unknown> {
  if (!isObject($defs)) return schema
  const kept = new Set<string>()
  const used = new Set<string>()
  const look = (code: string): void => {
    for (const [, name = ""] of code.matchAll(/"#\/\$defs\/(\w+)"/g)) keep(name)
    for (const [name, text] of constants) {
      if (used.has(name) || !new RegExp(`\\b${name}\\b`).test(code)) continue
      used.add(name)
      look(text)
    }
  }
  const keep = (name: string): void => {
    if (kept.has(name)) return
    kept.add(name)
    refersTo($defs[name]).forEach(keep)
  }
  look(rendered(schema, rendering, 0))
  return { ...schema, ...(kept.size > 0 && { $defs: Object.fromEntries([...kept].map((name) => [name, $defs[name]])) }) }
}

/** Definitions that don't contain themselves, each after those it refers to. */
function sorted(definitions: Readonly<Record<string, unknown>>): string[] {
  const order: string[] = []
  const visit = (name: string, way: readonly string[]): boolean => {
    if (way.includes(name)) return false
    if (order.includes(name)) return true
    const fits = refersTo(definitions[name]).map((other) => visit(other, [...way, name])).every(Boolean)
    if (fits) order.push(name)
    return fits
  }
  for (const name of Object.keys(definitions)) visit(name, [])
  return order
}

function importsOf(body: string): string {
  const values = ["credentials", "reference", "secret", "union"].filter((name) => new RegExp(`\\b${name}\\(`).test(body))
  const types = ["Secret", "Static"].filter((name) => new RegExp(`\\b${name}\\b`).test(body.replaceAll(/"(?:[^"\\]|\\.)*"/g, ""))).map((name) => `type ${name}`)
  return `import { ${[...values, "Type", ...types].sort((a, b) => bare(a).localeCompare(bare(b))).join(", ")} } from ${literal("@veneer/sdk")}\n`
}

const bare = (name: string): string => name.replace("type ", "").toLowerCase()
