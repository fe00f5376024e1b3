import { Type, type TSchema } from "typebox"

/** One of a few words. */
export const choice = <const T extends readonly string[]>(values: T, description?: string) =>
  Type.Unsafe<T[number]>({ type: "string", enum: [...values], ...(description && { description }) })

/** An object of a plugin's: its own schema tells what is in it. Secrets show as `[secret]`. */
export const pluginValue = (description: string) => Type.Unsafe<Record<string, unknown>>({ type: "object", additionalProperties: true, description })

export const Time = Type.String({ format: "date-time" })
export const Bytes = Type.Integer({ minimum: 0, description: "Bytes." })

/** A name a person gives: letters and digits of any script, then also spaces and `_ . : @ -`. */
export const Name = Type.String({ minLength: 1, maxLength: 63, pattern: "^[\\p{L}\\p{N}_](?:[\\p{L}\\p{N}_ .:@\\-]*[\\p{L}\\p{N}_.:@\\-])?$" })

/** Whatever a person may write to point at an object. */
export const NameOrId = Type.String({ minLength: 1, maxLength: 200, description: "Name or id." })

export const IdParams = Type.Object({ id: NameOrId })

const health = {
  state: choice(["active", "inactive", "degraded", "unknown"], "`unknown` when it could not be asked."),
  reason: Type.Optional(Type.String()),
  action: Type.Optional(Type.String()),
}

/** How something is right now. */
export const HealthShape = Type.Object(health)

/** How something was when it was last looked at. */
export const SeenHealthShape = Type.Object({ ...health, checkedAt: Time }, { description: "As last seen in this state; absent until somebody has looked." })

/** An object that another one points at. */
export const Reference = Type.Object({ id: Type.String(), name: Type.String() })

export const Paging = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: "How many at most; 50 unless told." })),
  after: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: "What the page before gave as `next`." })),
}

/** A page of a collection. */
export const page = <T extends TSchema>(item: T) =>
  Type.Object({ items: Type.Array(item), next: Type.Optional(Type.String({ description: "Pass it as `after` for the next page; absent on the last one." })) })

const Fault = Type.Object({ pointer: Type.String({ description: "JSON pointer into what was sent." }), message: Type.String() })

/** Why something failed and what to do about it. */
export const ProblemShape = Type.Object(
  {
    code: Type.String({ description: "The catalogue's code, or a plugin's own." }),
    message: Type.String({ description: "The fact." }),
    action: Type.String({ description: "The next move." }),
    output: Type.Optional(Type.String({ description: "What a program said." })),
    faults: Type.Optional(Type.Array(Fault)),
  },
  { description: "Why something failed and what to do about it." },
)

/** Scripts by the points at which they run. */
export const hooks = (points: readonly string[]) =>
  Type.Unsafe<Record<string, string>>({
    type: "object", additionalProperties: false, description: "Bash scripts by the point of the workflow at which they run.",
    properties: Object.fromEntries(points.map((point) => [point, { type: "string", minLength: 1 }])),
  })

/** An object that takes nothing but its properties. */
export const strict = { additionalProperties: false } as const
