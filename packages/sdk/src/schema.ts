import { Type, type Static, type TSchema } from "typebox"

export { Type }
export type { Static, TSchema }

/**
 * How a person reaches what a source config describes. Every string may name the source config's properties in braces;
 * values are percent-encoded in `url` and taken as they are elsewhere.
 *
 * @example
 * access: {
 *   url: "postgresql://{user}:{password}@{host}:{port}/{database}",
 *   command: ["psql"],
 *   environment: { PGHOST: "{host}", PGPORT: "{port}", PGUSER: "{user}", PGPASSWORD: "{password}" },
 * }
 */
export interface Access {
  /** Ready to paste into a client. */
  url?: string
  /** The client program with its arguments. A secret may not stand here, since arguments show in process listings. */
  command?: readonly string[]
  /** Environment variables for `command`; the place for secrets. */
  environment?: Readonly<Record<string, string>>
}

/** What a property can refer to. */
export type ReferenceType = "environment" | "environmentUser"

/** A value of another property, by its name. */
export interface PropertyValue {
  property: string
}

/** Keywords of a form: they change how it looks, never what is accepted. */
export interface FormHints {
  /** A label for a form when the title won't do. */
  prettyName?: string
  /** Objects: the order of their properties in a form; those not named follow. */
  ordering?: readonly string[]
  /** Strings: so many lines are shown, and line breaks can be entered. */
  rows?: number
  /** Objects and lists: a person can fold them away. */
  collapsible?: boolean
  /**
   * Properties: hidden while each other property named has the value, or one of the values, given; null stands for a
   * property that is absent.
   *
   * @example
   * Type.Optional(Type.Integer({ title: "Port", hiddenWhen: { connection: "socket" } }))
   */
  hiddenWhen?: Readonly<Record<string, Constant | readonly Constant[]>>
}

type Constant = string | number | boolean | null

/** Schema keywords beyond JSON Schema 2020-12 that Veneer understands. */
export interface Keywords extends FormHints {
  /** Repository and source config: the properties that tell one from another. They exist, are required, and are no secrets. */
  identityFields?: readonly string[]
  /** Repository and source config: the string property shown as its name. It is required. */
  nameField?: string
  /** Source config: how its data is reached. */
  access?: Access
  /** `format: "reference"`: what is referred to. Written by `reference()`. */
  referenceType?: ReferenceType
  /** `format: "reference"`: which of them may be referred to. Written by `reference()`. */
  matches?: Readonly<Record<string, string | PropertyValue>>
  /** Marks what `credentials()` makes. */
  credentials?: true
  /**
   * What a person is told where a keyword of this schema is not kept, instead of the validator's own words; `required` is
   * said where a property is missing.
   *
   * @example
   * Type.String({ pattern: "^[a-z]+$", messages: { pattern: "must be of small letters only", required: "has to be given" } })
   */
  messages?: Readonly<Record<string, string>>
}
