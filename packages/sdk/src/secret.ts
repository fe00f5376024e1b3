const MASK = "[secret]"
const brand: unique symbol = Symbol.for("veneer.secret")

/**
 * A value that must not be shown: a password, a key, a token.
 *
 * It prints as `[secret]` however it is turned into text (template, `String`, JSON, `console.log`), so it can't slip
 * into a log or an error by accident. {@link Secret.reveal} is the one way to its text.
 *
 * @example
 * const password = new Secret("hunter2")
 * `${password}`          // "[secret]"
 * password.reveal()      // "hunter2"
 */
export class Secret {
  readonly [brand] = true
  readonly #text: string

  /** A plugin's bundle carries its own copy of this class; a secret of any copy is a secret. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && brand in value
  }

  constructor(text: string) {
    this.#text = text
  }

  /** The text itself. Hand it straight to what needs it; never to a log, an argument list or a file name. */
  reveal(): string {
    return this.#text
  }

  toString(): string {
    return MASK
  }

  toJSON(): string {
    return MASK
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return MASK
  }
}
