import { Type, type Static, type TObject, type TUnsafe } from "typebox"
import type { FormHints } from "../schema.ts"

/** The texts of a union, and the branch it begins with. */
export interface UnionOptions extends Pick<FormHints, "prettyName" | "hiddenWhen"> {
  title?: string
  description?: string
  /** What an absent value is taken for; it names its branch by the tag, whose own defaults fill the rest. */
  default?: Readonly<Record<string, unknown>>
  messages?: Readonly<Record<string, string>>
}

type Branches = Readonly<Record<string, TObject>>

type Flat<T> = { [K in keyof T]: T[K] }

/** A discriminated union: the tag of each branch is its name. */
export type UnionOf<Tag extends string, B extends Branches> = { [K in keyof B & string]: Flat<Record<Tag, K> & Static<B[K]>> }[keyof B & string]

/**
 * The schema of alternatives: a form shows one branch at a time, the handler gets a discriminated union.
 *
 * @param tag the property that tells the branches apart; it is added to each of them
 * @param branches each by the tag's value. Its title names it in a form
 * @example
 * method: union("type", {
 *   copy: Type.Object({}, { title: "Copy" }),
 *   backup: Type.Object({ directory: Type.String({ format: "unixpath" }) }, { title: "From a backup" }),
 * }, { title: "Method", default: { type: "copy" } })
 */
export function union<const Tag extends string, const B extends Branches>(tag: Tag, branches: B, options: UnionOptions = {}): TUnsafe<UnionOf<Tag, B>> {
  return Type.Unsafe<UnionOf<Tag, B>>({ oneOf: Object.entries(branches).map(([name, branch]) => tagged(tag, name, branch)), ...options })
}

function tagged(tag: string, name: string, branch: TObject): object {
  const { properties, required, ...rest }: TObject & { required?: readonly string[] } = branch
  return { ...rest, properties: { [tag]: { type: "string", const: name }, ...properties }, required: [tag, ...(required ?? [])] }
}
