/** Texts that differ from run to run, by the name that stands for them. */
export type Volatile = ReadonlyMap<string, string>

/** A text that stands for a secret in a recording. */
export const MASK = "[secret]"

/** A value as it is recorded: names in the place of what differs from run to run, no secret's text. */
export function withNames(value: unknown, volatile: Volatile): unknown {
  return mapped(value, {
    text: (text) => longestFirst(volatile).reduce((so, [name, known]) => so.replaceAll(known, `<${name}>`), text),
    number: (number) => {
      const name = [...volatile].find(([, known]) => known === String(number))?.[0]
      return name === undefined ? number : { $number: `<${name}>` }
    },
  })
}

/** The recorded value with what the names stand for in this run. */
export function withTexts(value: unknown, volatile: Volatile): unknown {
  const text = (recorded: string) => [...volatile].reduce((so, [name, known]) => so.replaceAll(`<${name}>`, known), recorded)
  return mapped(value, { text, number: (number) => number }, (object) => (typeof object["$number"] === "string" ? Number(text(object["$number"])) : undefined))
}

/** A value as it travels, with the texts of its secrets taken out. */
export const masked = (value: unknown): unknown => mapped(value, { text: (text) => text, number: (number) => number }, (object) => (typeof object["$secret"] === "string" ? { $secret: MASK } : undefined))

/** An id within a path is replaced before the path's own beginning could be. */
const longestFirst = (volatile: Volatile) => [...volatile].filter(([, text]) => text !== "").sort(([, one], [, other]) => other.length - one.length)

interface Leaves {
  text: (text: string) => string
  number: (number: number) => unknown
}

function mapped(value: unknown, leaves: Leaves, whole: (object: Readonly<Record<string, unknown>>) => unknown = () => undefined): unknown {
  if (typeof value === "string") return leaves.text(value)
  if (typeof value === "number") return leaves.number(value)
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map((item) => mapped(item, leaves, whole))
  return whole({ ...value }) ?? Object.fromEntries(Object.entries(value).map(([key, item]) => [leaves.text(key), mapped(item, leaves, whole)]))
}
