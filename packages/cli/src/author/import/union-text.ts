import { isObject } from "@veneer/sdk/values"

type Json = Record<string, unknown>

const options = ["title", "description", "prettyName", "default", "hiddenWhen", "messages"]

/** A union as the SDK's `union` makes it. */
export interface TaggedUnion {
  tag: string
  /** What stands in each branch besides the tag. */
  branches: readonly (readonly [value: string, branch: Json])[]
  options: Json
}

/** A schema as a union of objects that one property tells apart; undefined when it is something else. */
export function taggedUnion({ oneOf, ...rest }: Json): TaggedUnion | undefined {
  if (!Array.isArray(oneOf) || !oneOf.every(isObject) || !Object.keys(rest).every((keyword) => options.includes(keyword))) return undefined
  const [first] = oneOf
  const tag = isObject(first?.["properties"]) ? Object.keys(first["properties"]).find((name) => oneOf.every((branch) => tagValue(branch, name) !== undefined)) : undefined
  if (tag === undefined) return undefined
  const branches = oneOf.map((branch): [string, Json] => [tagValue(branch, tag) ?? "", without(branch, tag)])
  const names = branches.map(([name]) => name)
  return new Set(names).size === names.length && !names.includes("__proto__") ? { tag, branches, options: rest } : undefined
}

/** The text a required property of an object is held to, and nothing more is said of it. */
function tagValue({ type, properties, required }: Json, name: string): string | undefined {
  const property = isObject(properties) ? properties[name] : undefined
  if (type !== "object" || !isObject(property) || !Array.isArray(required) || !required.includes(name)) return undefined
  const { const: value, type: ofTag = "string", ...more } = property
  return typeof value === "string" && ofTag === "string" && Object.keys(more).length === 0 ? value : undefined
}

function without(branch: Json, tag: string): Json {
  const { properties, required, ...rest } = branch
  const others = isObject(properties) ? Object.fromEntries(Object.entries(properties).filter(([name]) => name !== tag)) : {}
  return { ...rest, properties: others, required: Array.isArray(required) ? required.filter((name) => name !== tag) : [] }
}
