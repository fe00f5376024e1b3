import { isObject } from "@veneer/sdk/values"

/** A schema that others refer to. */
export interface Definition {
  /** What it is called in the code. */
  name: string
  /** Where it stands in the foreign file. */
  pointer: string
  schema: unknown
}

/** The schemas of a foreign file that others in it refer to, each with a name. */
export class Definitions {
  readonly #file: unknown
  readonly #byPointer = new Map<string, Definition>()
  readonly #taken: Set<string>

  /** @param taken names that mean something else in the code */
  constructor(file: unknown, taken: Iterable<string>) {
    this.#file = file
    this.#taken = new Set(taken)
  }

  /** All that have been referred to so far. */
  get all(): readonly Definition[] {
    return [...this.#byPointer.values()]
  }

  /** What a reference within the file refers to: from the definition it stands in, else from the whole file. */
  find(reference: string, root: string): Definition | undefined {
    if (!reference.startsWith("#")) return undefined
    const way = decodeURIComponent(reference.slice(1))
    const pointer = [root + way, way].find((candidate) => isSchema(at(this.#file, candidate)))
    return pointer === undefined ? undefined : this.#known(pointer)
  }

  #known(pointer: string): Definition {
    const known = this.#byPointer.get(pointer)
    if (known) return known
    const definition = { name: this.#nameOf(pointer), pointer, schema: at(this.#file, pointer) }
    this.#byPointer.set(pointer, definition)
    return definition
  }

  #nameOf(pointer: string): string {
    const words = (pointer.split("/").at(-1) ?? "").split(/[^A-Za-z0-9]+/).filter(Boolean)
    const plain = words.map((word, index) => (index === 0 ? word.replace(/^./, (letter) => letter.toLowerCase()) : word.replace(/^./, (letter) => letter.toUpperCase()))).join("")
    const base = /^[A-Za-z]/.test(plain) ? plain : `part${plain}`
    let name = base
    for (let number = 2; this.#taken.has(name); number++) name = `${base}${number}`
    this.#taken.add(name)
    return name
  }
}

const isSchema = (value: unknown): boolean => isObject(value) || typeof value === "boolean"

function at(value: unknown, pointer: string): unknown {
  const tokens = pointer.split("/").slice(1).map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"))
  return tokens.reduce<unknown>((node, token) => (typeof node === "object" && node !== null && Object.hasOwn(node, token) ? Reflect.get(node, token) : undefined), value)
}
