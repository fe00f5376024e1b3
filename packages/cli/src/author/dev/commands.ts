import type { SourceConfig } from "@veneer/engine/client"
import type { PluginDescription } from "@veneer/sdk/describe"
import { documentOf, type SchemaDocument } from "@veneer/sdk/values"
import { formOf } from "../../params/form.ts"

/** The commands that try out a plugin in its present state, ready to be pasted. */
export function nextCommands({ id, schemas }: Pick<PluginDescription, "id" | "schemas">, sources: readonly Pick<SourceConfig, "id">[]): string[] {
  return [
    "veneer source list",
    `veneer dsource link demo --source ${sources[0]?.id ?? "<id>"}${given(schemas.linkedSource)}`,
    `veneer vdb provision demo-1 --from demo${given(schemas.virtualSource)}`,
    "veneer vdb list",
    `veneer plugin logs ${id} --follow`,
  ]
}

const given = (schema: Record<string, unknown>): string =>
  missing(documentOf(schema), [schema]).map(({ path, value }) => ` --param ${path.map((part) => part.replaceAll(/[.\\]/g, "\\$&")).join(".")}=${value}`).join("")

/** A schema that contains itself and asks for it has no end. */
const DEPTH_LIMIT = 5

/** What has to be given, of a union its first branch. A password is asked for; what nobody can guess is left open. */
function missing(document: SchemaDocument, schemas: readonly unknown[], path: readonly string[] = []): { path: readonly string[]; value: string }[] {
  if (path.length > DEPTH_LIMIT) return []
  const tags = formOf(document, schemas, {}).unions.map(({ tag, branches }) => ({ tag, value: branches[0]?.value }))
  const { fields } = formOf(document, schemas, Object.fromEntries(tags.map(({ tag, value }) => [tag, value])))
  const asked = fields.filter(({ name, required, hidden, default: preset }) => required && !hidden && !preset && !tags.some(({ tag }) => tag === name))
  return [
    ...tags.map(({ tag, value }) => ({ path: [...path, tag], value: String(value) })),
    ...asked.flatMap(({ name, kind, schemas: own }) => {
      const at = [...path, name]
      if (kind.is === "object") return missing(document, own, at)
      return [{ path: at, value: kind.is === "secret" ? "-" : kind.is === "choice" ? String(kind.choices[0]?.value) : "…" }]
    }),
  ]
}
