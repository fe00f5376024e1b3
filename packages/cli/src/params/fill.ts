import { ask } from "../ask.ts"
import { cleanLine } from "../text/clean.ts"
import { isTree, Raw, typed, type Tree } from "./parse.ts"
import { branchesOf, candidates, discriminatorOf, isSecret, labelOf, type Schema } from "./schema.ts"

/** Asks on the terminal for every required field that is missing, in the schema's order. */
export async function fill(schema: Schema, tree: Tree, path: readonly string[] = []): Promise<void> {
  await choose(schema, tree, path)
  for (const part of candidates(schema, tree)) {
    for (const name of inOrder(part)) {
      const field = part.properties?.[name]
      if (!field || !(part.required ?? []).includes(name)) continue
      await fillField(field, tree, [...path, name])
    }
  }
}

async function fillField(field: Schema, tree: Tree, path: readonly string[]): Promise<void> {
  const name = path.at(-1) ?? ""
  const present = Object.hasOwn(tree, name) ? tree[name] : undefined
  if (isObject(field)) {
    if (present !== undefined && !isTree(present)) return
    const child: Tree = isTree(present) ? present : {}
    tree[name] = child
    await fill(field, child, path)
  } else if (present === undefined && field.default === undefined) {
    tree[name] = field.const === undefined ? await value(field, path) : field.const
  }
}

/** Has one of several alternatives chosen, by the property that tells them apart. */
async function choose(schema: Schema, tree: Tree, path: readonly string[]): Promise<void> {
  const branches = branchesOf(schema)
  const name = discriminatorOf(branches)
  if (name === undefined || Object.hasOwn(tree, name)) return
  const values = branches.map((branch) => branch.properties?.[name]?.const)
  tree[name] = await value({ enum: values, title: labelOf(name, branches[0]?.properties?.[name] ?? {}) }, [...path, name])
}

async function value(field: Schema, path: readonly string[]): Promise<unknown> {
  const choices = field.enum?.map(String)
  const hint = choices ? ` (${choices.join(", ")})` : field.description === undefined ? "" : `\n  ${field.description}\n `
  const question = cleanLineBreaks(`${labelOf(path.join("."), field)}${hint}: `)
  for (;;) {
    const answer = await ask(question, { hidden: isSecret(field) })
    const read = typed([field], new Raw(answer))
    if (answer !== "" && (choices?.includes(answer) ?? true) && isOfType(field, read)) return read
    process.stderr.write(choices ? `  One of: ${choices.map(cleanLine).join(", ")}\n` : `  Not ${String(field.type ?? "a value")}.\n`)
  }
}

function isOfType({ type }: Schema, read: unknown): boolean {
  if (type === "integer" || type === "number") return typeof read === "number"
  return type !== "boolean" || typeof read === "boolean"
}

const isObject = (field: Schema): boolean => field.type === "object" || branchesOf(field).every((branch) => branch.type === "object")

const inOrder = ({ properties = {}, ordering = [] }: Schema): string[] => [...new Set([...ordering, ...Object.keys(properties)])]

const cleanLineBreaks = (text: string): string => text.split("\n").map(cleanLine).join("\n")
