import type { Ajv2020, ErrorObject } from "ajv/dist/2020.js"
import { createAjv } from "../ajv.ts"
import { valueAt } from "./pointer.ts"
import { isObject, type Schema } from "./schema.ts"
import { placesIn } from "./walk.ts"

/** Base of references in a schema that has no `$id` of its own. */
const BASE = "schema://plugin/"

/** The name a document's outermost schema has for its validator. */
const ROOT = "root"

const documents = new WeakMap<Schema, SchemaDocument>()

/** The document of a schema; the same schema object always gives the same one. */
export function documentOf(root: Schema): SchemaDocument {
  const known = documents.get(root)
  if (known) return known
  const document = new SchemaDocument(root)
  documents.set(root, document)
  return document
}

/** A whole JSON Schema: finds what its parts refer to, and holds values against any part of it. */
export class SchemaDocument {
  readonly root: Schema
  readonly #pointers = new Map<Schema, string>()
  readonly #bases = new Map<Schema, string>()
  readonly #named = new Map<string, Schema>()
  #ajv: Ajv2020 | undefined

  constructor(root: Schema) {
    this.root = root
    this.#named.set(BASE, root)
    for (const { schema, pointer, parent } of placesIn(root)) {
      this.#pointers.set(schema, pointer)
      const outer = (parent && this.#bases.get(parent.schema)) ?? BASE
      const base = typeof schema["$id"] === "string" ? urlOf(schema["$id"], outer).href : outer
      this.#bases.set(schema, base)
      this.#named.set(base, this.#named.get(base) ?? schema)
      for (const anchor of [schema["$anchor"], schema["$dynamicAnchor"]]) if (typeof anchor === "string") this.#named.set(`${base}#${anchor}`, schema)
    }
  }

  /** What a part's `$ref` or `$dynamicRef` refers to; undefined when it refers to nothing, or to nothing that is there. */
  referred(part: Schema): unknown {
    const { $ref: reference, $dynamicRef: dynamic } = part
    if (typeof dynamic === "string") return this.#outermost(dynamic) ?? this.#resolve(part, dynamic)
    return typeof reference === "string" ? this.#resolve(part, reference) : undefined
  }

  /** Whether a value fits a part of this document. */
  accepts(part: unknown, value: unknown): boolean {
    return typeof part === "boolean" ? part : this.errors(part, value).length === 0
  }

  /** What the validator finds wrong with a value, held against a part of this document. */
  errors(part: unknown, value: unknown): ErrorObject[] {
    if (!isObject(part)) return []
    const pointer = this.#pointers.get(part)
    const validate = pointer === undefined ? undefined : this.#validator().getSchema(`${ROOT}#${fragmentOf(pointer)}`)
    if (!validate) throw new Error("The schema is not part of its document.")
    return validate(value) ? [] : (validate.errors ?? [])
  }

  /** A part alone may lack the type that it has from what is around it. */
  #validator(): Ajv2020 {
    this.#ajv ??= createAjv({ strictTypes: false }).addSchema(this.root, ROOT)
    return this.#ajv
  }

  /** A dynamic reference is meant for the outermost schema that carries its anchor. */
  #outermost(reference: string): unknown {
    return reference.startsWith("#") && this.root["$dynamicAnchor"] === reference.slice(1) ? this.root : undefined
  }

  #resolve(part: Schema, reference: string): unknown {
    const url = urlOf(reference, this.#bases.get(part) ?? BASE)
    const fragment = decodeURIComponent(url.hash.slice(1))
    url.hash = ""
    const resource = this.#named.get(url.href)
    if (fragment === "") return resource
    return fragment.startsWith("/") ? valueAt(resource, fragment) : this.#named.get(`${url.href}#${fragment}`)
  }
}

/** What can't be read as a URL refers to nothing. */
function urlOf(reference: string, base: string): URL {
  return URL.canParse(reference, base) ? new URL(reference, base) : new URL("unreadable:")
}

const fragmentOf = (pointer: string) => pointer.split("/").map(encodeURIComponent).join("/")
