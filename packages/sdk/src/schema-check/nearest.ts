/** The name that was probably meant by a mistyped one: at most two letters off, or of other capitals. */
export function nearest(typed: string, names: readonly string[]): string | undefined {
  const byDistance = names.map((name) => ({ name, distance: name.toLowerCase() === typed.toLowerCase() ? 0 : distanceOf(name, typed) })).sort((a, b) => a.distance - b.distance)
  const [best] = byDistance
  return best && best.distance <= 2 && best.distance < typed.length - 1 ? best.name : undefined
}

/** Letters to be inserted, removed or changed (Levenshtein). */
function distanceOf(left: string, right: string): number {
  let row = [...Array(right.length + 1).keys()]
  for (let at = 1; at <= left.length; at++) {
    const next = [at]
    for (let column = 1; column <= right.length; column++) {
      const changed = (row[column - 1] ?? 0) + (left[at - 1] === right[column - 1] ? 0 : 1)
      next.push(Math.min(changed, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[right.length] ?? 0
}
