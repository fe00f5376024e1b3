/** When a property is hidden: by the value of each property named, as `hiddenWhen` has it. */
export type Hidden = Record<string, unknown[]>

/** What is known of a property that a condition looks at. */
export interface Looked {
  type: unknown
  /** The values it can have, where its schema names them. */
  values: readonly unknown[] | undefined
  /** Whether it may be an empty text. */
  mayBeEmpty: boolean
}

/**
 * A hide expression as `hiddenWhen`: comparisons of properties beside it, joined by &&.
 * @param look what a property of that name is; undefined where there is none
 * @returns undefined when it says something else
 */
export function hiddenBy(expression: string, look: (name: string) => Looked | undefined): Hidden | undefined {
  const hidden: Hidden = {}
  for (const term of expression.split("&&")) {
    const { name, condition } = termOf(term.trim())
    const property = name === undefined ? undefined : look(name)
    const values = property && condition?.(property)
    if (name === undefined || !values || values.length === 0 || Object.hasOwn(hidden, name)) return undefined
    hidden[name] = values
  }
  return hidden
}

type Condition = (property: Looked) => unknown[] | undefined

function termOf(term: string): { name?: string; condition?: Condition } {
  const [, negated, name, operator, text] = /^(!?)\s*model\??\.(\w+)\s*(?:(===?|!==?)\s*(.+))?$/.exec(term) ?? []
  if (name === undefined) return {}
  if (operator === undefined) return { name, condition: negated === "!" ? absent : truthy }
  const value = text === undefined || negated === "!" ? undefined : constantOf(text.trim())
  if (!value) return { name }
  return { name, condition: operator.startsWith("!") ? (property) => others(property, value.constant) : () => [value.constant] }
}

function constantOf(text: string): { constant: string | number | boolean } | undefined {
  const [, , quoted] = /^(['"])([^'"\\]*)\1$/.exec(text) ?? []
  if (quoted !== undefined) return { constant: quoted }
  if (text === "true" || text === "false") return { constant: text === "true" }
  return /^-?\d+(\.\d+)?$/.test(text) ? { constant: Number(text) } : undefined
}

/** What makes `!model.x` true. */
const absent: Condition = ({ type, mayBeEmpty }) => {
  if (type === "boolean") return [null, false]
  return type === "string" ? [null, ...(mayBeEmpty ? [""] : [])] : undefined
}

/** What makes `model.x` true, where that can be listed. */
const truthy: Condition = ({ type, values }) => (type === "boolean" ? [true] : values?.filter(Boolean))

const others = ({ type, values }: Looked, value: unknown): unknown[] | undefined => {
  const known = type === "boolean" ? [true, false] : values
  return known && [null, ...known.filter((candidate) => candidate !== value)]
}
