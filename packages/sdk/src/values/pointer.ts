/** A JSON pointer's next step. */
export const step = (key: string | number) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`

/** What stands at a JSON pointer; undefined where nothing does. */
export function valueAt(value: unknown, pointer: string): unknown {
  const steps = pointer.split("/").slice(1).map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"))
  return steps.reduce<unknown>((at, token) => (typeof at === "object" && at !== null && Object.hasOwn(at, token) ? Reflect.get(at, token) : undefined), value)
}
