import { parse, type AnyNode, type Node } from "acorn"
import { SourceMap } from "node:module"
import type { Bundle } from "./bundle.ts"

/** Leads from a plugin's bundle back to its author's text. */
export interface Positions {
  /** `file:line:column` of what a JSON pointer into the declaration leads to, or of the nearest thing around it. */
  ofPointer(pointer: string): string | undefined
  /** The same of the innermost call in a stack that is the author's. */
  ofStack(stack: string): string | undefined
}

/** Keywords that a call such as `Type.Object({ … })` stands for without naming them. */
const IMPLIED = new Set(["properties", "items", "anyOf", "oneOf", "allOf", "additionalProperties"])
/** Longer chains of names that stand for each other are a circle. */
const LONGEST_CHAIN = 50

/** Reads a bundle when it is first asked; one that can't be read gives no positions. */
export function createPositions({ code, map }: Bundle): Positions {
  let sources: SourceMap | undefined
  let declaration: Declaration | undefined
  const placeOf = (line: number, column: number): string | undefined => {
    sources ??= new SourceMap(JSON.parse(map))
    const entry = sources.findEntry(line - 1, column)
    if (!("originalSource" in entry) || /(?:^|\/)(?:\.\.|node_modules)\//.test(entry.originalSource)) return undefined
    return `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
  }
  return {
    ofPointer: (pointer) => {
      declaration ??= new Declaration(code)
      const path = declaration.path(pointer.split("/").slice(1).map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~")))
      return path.map(({ loc }) => (loc ? placeOf(loc.start.line, loc.start.column) : undefined)).findLast((place) => place !== undefined)
    },
    ofStack: (stack) => {
      const calls = [...stack.matchAll(/plugin\.mjs:(\d+):(\d+)/g)]
      return calls.map(([, line, column]) => placeOf(Number(line), Number(column) - 1)).find((place) => place !== undefined)
    },
  }
}

/** The syntax tree of a plugin's declaration in its bundle, where all names are of one module. */
class Declaration {
  readonly #names = new Map<string, AnyNode>()
  #start: AnyNode | undefined

  constructor(code: string) {
    const nodes = treeOf(code)
    for (const node of nodes) {
      if (node.type === "VariableDeclaration") for (const { id, init } of node.declarations) if (id.type === "Identifier" && init) this.#names.set(id.name, init)
      if (node.type === "ExportDefaultDeclaration") this.#start = node.declaration
      if (node.type !== "ExportNamedDeclaration") continue
      const exported = node.specifiers.find(({ exported }) => exported.type === "Identifier" && exported.name === "default")
      if (exported) this.#start = exported.local
    }
  }

  /** What the parts of a pointer lead through, as far as they can be followed. */
  path(parts: readonly string[]): Node[] {
    if (!this.#start) return []
    const found: Node[] = [this.#start]
    let node = this.#follow(this.#start)
    for (const part of parts) {
      found.push(node)
      const next = this.#step(node, part)
      if (!next && !IMPLIED.has(part)) break
      if (!next) continue
      found.push(next.place)
      node = this.#follow(next.value)
    }
    return found
  }

  /** From a name to what it stands for. */
  #follow(node: AnyNode): AnyNode {
    let at = node
    for (let turn = 0; turn < LONGEST_CHAIN; turn++) {
      const next = at.type === "Identifier" ? this.#names.get(at.name) : at.type === "MemberExpression" ? this.#member(at) : undefined
      if (!next) break
      at = next
    }
    return at
  }

  #member({ object, property, computed }: AnyNode & { type: "MemberExpression" }): AnyNode | undefined {
    if (computed || property.type !== "Identifier" || object.type === "Super") return undefined
    return this.#step(this.#follow(object), property.name)?.value
  }

  /** One part deeper: into an object's property, a list's item, or what a call is given. */
  #step(node: AnyNode, part: string): { place: Node; value: AnyNode } | undefined {
    if (node.type === "ObjectExpression") {
      for (const property of node.properties.toReversed()) {
        if (property.type === "SpreadElement") {
          const spread = this.#step(this.#follow(property.argument), part)
          if (spread) return spread
        } else if (keyOf(property.key) === part) return { place: property.key, value: property.value }
      }
    }
    if (node.type === "ArrayExpression") {
      const item = /^\d+$/.test(part) ? node.elements[Number(part)] : undefined
      return item ? { place: item, value: item } : undefined
    }
    if (node.type === "CallExpression") {
      for (const argument of node.arguments) {
        const found = argument.type === "SpreadElement" ? undefined : this.#step(this.#follow(argument), part)
        if (found) return found
      }
    }
    return undefined
  }
}

function treeOf(code: string): readonly AnyNode[] {
  try {
    return parse(code, { ecmaVersion: "latest", sourceType: "module", locations: true }).body
  } catch {
    return []
  }
}

const keyOf = (key: AnyNode): string | undefined => (key.type === "Identifier" ? key.name : key.type === "Literal" ? String(key.value) : undefined)
