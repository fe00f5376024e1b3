/** A string as SQL writes it, whatever `standard_conforming_strings` says of what is not escaped here: nothing is. */
export function sqlLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A name as SQL writes it. */
export function sqlIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A value of postgresql.conf, in quotes: there a backslash escapes, and a quote ends at the line's end. */
export function confValue(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("'", "''").replaceAll("\n", "\\n").replaceAll("\r", "\\r")
  return `'${escaped}'`
}

/** A value of a libpq connection string. */
export function conninfoValue(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`
}

/** Keywords and values as a libpq connection string; absent values are left out. */
export function conninfo(parameters: Record<string, string | number | undefined>): string {
  return Object.entries(parameters)
    .flatMap(([keyword, value]) => (value === undefined ? [] : [`${keyword}=${conninfoValue(String(value))}`]))
    .join(" ")
}
