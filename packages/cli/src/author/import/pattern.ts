/**
 * A regular expression as JSON Schema 2020-12 takes it, with the flag u, under which a needless backslash is an error.
 * @returns undefined when it is no regular expression at all
 */
export function modernPattern(pattern: string): string | undefined {
  return [pattern, pattern.replaceAll(/\\([^\dA-Za-z^$\\.*+?()[\]{}|/-])/g, "$1"), pattern.replaceAll(/\\([^\dA-Za-z^$\\.*+?()[\]{}|/])/g, "$1")].find(isPattern)
}

function isPattern(pattern: string): boolean {
  try {
    return RegExp(pattern, "u") instanceof RegExp
  } catch {
    return false
  }
}
