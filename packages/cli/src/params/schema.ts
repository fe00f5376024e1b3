/** As much of a JSON Schema as a form looks at. */
export interface Schema {
  readonly type?: string | readonly string[]
  readonly title?: string
  readonly description?: string
  readonly format?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly prettyName?: string
  readonly ordering?: readonly string[]
}

/** The alternatives of a schema, itself if it has none. */
export const branchesOf = (schema: Schema): readonly Schema[] => schema.anyOf ?? schema.oneOf ?? [schema]

/** All schemas that may describe a value: through alternatives and conjunctions, less those the value already rules out. */
export function candidates(schema: Schema, value: unknown): Schema[] {
  const { anyOf = [], oneOf = [], allOf = [] } = schema
  return [schema, ...[...anyOf, ...oneOf, ...allOf].filter((branch) => fits(branch, value)).flatMap((branch) => candidates(branch, value))]
}

/** The schemas of one property in any of them. */
export function propertyOf(schemas: readonly Schema[], name: string): Schema[] {
  return schemas.flatMap(({ properties = {}, patternProperties = {}, additionalProperties }) => {
    const own = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (own) return [own]
    const matched = Object.entries(patternProperties).filter(([pattern]) => new RegExp(pattern, "u").test(name)).map(([, schema]) => schema)
    return matched.length > 0 || typeof additionalProperties !== "object" ? matched : [additionalProperties]
  })
}

/** The types a value may have. */
export function typesOf(schemas: readonly Schema[]): Set<string> {
  return new Set(schemas.flatMap(({ type, const: constant, enum: values }) => {
    if (type !== undefined) return typeof type === "string" ? [type] : [...type]
    return [constant, ...(values ?? [])].filter((value) => value !== undefined).map((value) => typeof value)
  }))
}

/** The property that tells alternatives apart: one that each of them holds to a constant. */
export function discriminatorOf(branches: readonly Schema[]): string | undefined {
  if (branches.length < 2) return undefined
  return Object.keys(branches[0]?.properties ?? {}).find((name) => branches.every(({ properties = {} }) => properties[name]?.const !== undefined))
}

/** Whether no constant of an alternative contradicts what the value already has. */
function fits({ properties = {} }: Schema, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true
  return Object.entries(value).every(([name, child]) => {
    const constant = Object.hasOwn(properties, name) ? properties[name]?.const : undefined
    return constant === undefined || isSame(constant, child)
  })
}

/** Whether a constant stands there: as a JSON value, or as a text that has no type yet. */
function isSame(constant: unknown, child: unknown): boolean {
  const text = JSON.stringify(child)
  return JSON.stringify(constant) === text || JSON.stringify(JSON.stringify(constant)) === text
}

/** What a field is called in a question. */
export const labelOf = (name: string, { prettyName, title }: Schema): string => prettyName ?? title ?? name

export const isSecret = ({ format }: Schema): boolean => format === "password"
