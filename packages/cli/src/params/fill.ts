import { applicable, documentOf, faultsOf, isObject, membersOf, type Schema, type SchemaDocument } from "@veneer/sdk/values"
import { formOf, kindOf, type Field, type Form, type Union } from "./form.ts"
import { isTree, Raw, split, type Tree } from "./parse.ts"
import { agreed, question, tell, type Asked } from "./question.ts"
import { typedBy } from "./typed.ts"

/** Which fields are asked for. */
export interface FillOptions {
  /** All of them; else only those that are required and have no default. */
  everything: boolean
}

/** Asks on the terminal for fields that are missing, in the schema's order, of a union those of the branch that is chosen. */
export async function fill(schema: Schema, tree: Tree, options: FillOptions): Promise<void> {
  await new Filling(documentOf(schema), options).object([schema], tree, [])
}

class Filling {
  readonly #document: SchemaDocument
  readonly #everything: boolean

  constructor(document: SchemaDocument, { everything }: FillOptions) {
    this.#document = document
    this.#everything = everything
  }

  /** Each answer may bring fields, or hide some: the form is made anew after it. */
  async object(schemas: readonly unknown[], tree: Tree, way: readonly string[]): Promise<void> {
    const asked = new Set<string>()
    for (;;) {
      const { unions, fields } = this.#form(schemas, tree)
      const union = unions.find(({ tag }) => !Object.hasOwn(tree, tag))
      const field = fields.find(({ name }) => !asked.has(name))
      if (union) tree[union.tag] = await this.#branch(union, way)
      else if (field) {
        asked.add(field.name)
        if (!field.hidden) await this.#field(field, tree, [...way, field.label])
      } else return
    }
  }

  #form(schemas: readonly unknown[], tree: Tree): Form {
    const value = typedBy(this.#document, schemas, tree)
    return formOf(this.#document, schemas, isObject(value) ? value : {})
  }

  async #branch({ branches }: Union, way: readonly string[]): Promise<unknown> {
    const [only] = branches
    if (branches.length === 1) return only?.value
    return questionBy({ enum: branches.map(({ value }) => value) }, { label: labelOf(way), kind: { is: "choice", choices: branches } })
  }

  async #field(field: Field, tree: Tree, way: readonly string[]): Promise<void> {
    const { name, kind, schemas } = field
    const present = Object.hasOwn(tree, name) ? tree[name] : undefined
    if (present !== undefined) {
      if (kind.is === "object" && isTree(present)) await this.object(schemas, present, way)
      return
    }
    const isNeeded = field.required && !field.default
    if (!isNeeded && !this.#everything) return
    const value = await this.#value(field, way, isNeeded)
    if (value !== undefined) tree[name] = value
  }

  async #value(field: Field, way: readonly string[], isNeeded: boolean): Promise<unknown> {
    const { kind, schemas, description } = field
    const label = labelOf(way)
    if (kind.is === "choice" && kind.choices.length === 1) return kind.choices[0]?.value
    if (kind.is !== "object" && kind.is !== "list" && kind.is !== "map") return question(this.#document, { ...field, label, empty: isNeeded ? undefined : "optional" })
    if (!isNeeded && !(await agreed(`Set ${label}?${description === undefined ? "" : ` ${description}`}`))) return undefined
    if (isNeeded && description !== undefined) tell(`${label}: ${description}`)
    if (kind.is === "list") return this.#list(schemas, way)
    if (kind.is === "map") return this.#map(schemas, label)
    const child: Tree = {}
    await this.object(schemas, child, way)
    return child
  }

  /** Items one after another; an empty answer ends them. */
  async #list(schemas: readonly unknown[], way: readonly string[]): Promise<unknown[]> {
    const items: unknown[] = []
    for (;;) {
      const item = await this.#item(membersOf(applicable(this.#document, schemas, items, "possible"), items.length), [...way.slice(0, -1), `${way.at(-1) ?? ""} ${items.length + 1}`])
      if (item !== undefined) items.push(item)
      const faults = item === undefined ? schemas.flatMap((schema) => faultsOf(this.#document, schema, items)) : []
      for (const { message } of faults) tell(`  ${message}`)
      if (item === undefined && faults.length === 0) return items
    }
  }

  async #item(schemas: readonly unknown[], way: readonly string[]): Promise<unknown> {
    const kind = kindOf(this.#document, schemas)
    if (kind.is !== "object") return question(this.#document, { label: labelOf(way), kind, schemas, empty: "empty to end" })
    if (!(await agreed(`Add ${labelOf(way)}?`))) return undefined
    const child: Tree = {}
    await this.object(schemas, child, way)
    return child
  }

  /** Lines of name=value; an empty one ends them. */
  async #map(schemas: readonly unknown[], label: string): Promise<Tree> {
    const entries: Tree = {}
    for (;;) {
      const line = await questionBy(ENTRY, { label, kind: { is: "text", rows: 1 }, empty: "name=value; empty to end" })
      if (typeof line !== "string") return entries
      const { path: [name = ""], text } = split(line.replaceAll(".", String.raw`\.`))
      entries[name] = typedBy(this.#document, membersOf(applicable(this.#document, schemas, entries, "possible"), name), new Raw(text))
    }
  }
}

const ENTRY = { type: "string", pattern: "^[^=]+=", messages: { pattern: "is no name=value" } }

/** A question that no schema of the plugin has. */
const questionBy = (schema: Schema, asked: Omit<Asked, "schemas">): Promise<unknown> => question(documentOf(schema), { ...asked, schemas: [schema] })

/** Where a field is, for a person. */
const labelOf = (way: readonly string[]): string => way.join(" › ") || "Kind"
