const plain = /^[A-Za-z0-9_@%+=:,./-]+$/
const control = /\p{Cc}/u

const named: Readonly<Record<string, string>> = { "\n": "\\n", "\t": "\\t", "\r": "\\r", "\\": "\\\\", "'": "\\'" }

/**
 * A string as one bash word that stands for exactly it, on one line: bare where nothing in it is special, `'…'` where
 * that will do, `$'…'` where it holds control characters. UTF-8 passes through.
 *
 * @throws TypeError for a NUL character, which no bash variable can hold
 */
export function quote(text: string): string {
  if (text.includes("\0")) throw new TypeError("A NUL character can't be handed to a shell.")
  if (plain.test(text)) return text
  if (!control.test(text)) return `'${text.replaceAll("'", String.raw`'\''`)}'`
  return `$'${text.replace(/[\p{Cc}\\']/gu, escaped)}'`
}

/** Three octal digits, always, so that a digit which follows is not taken for part of it; beyond ASCII as it is. */
function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return named[character] ?? (code > 0x7f ? character : `\\${code.toString(8).padStart(3, "0")}`)
}
