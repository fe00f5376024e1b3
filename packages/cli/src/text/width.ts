const WIDE = /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u
const segmenter = new Intl.Segmenter()

/** Whether every character takes one cell, which is nearly always so. */
const isPlain = (text: string): boolean => /^[\u0020-\u007e\u00a0-\u02ff\u2010-\u2027\u2500-\u25ff\u2713\u2717]*$/.test(text)

const cells = (grapheme: string): number => (WIDE.test(grapheme) ? 2 : 1)

/** How many cells of a terminal a text takes. */
export function widthOf(text: string): number {
  if (isPlain(text)) return text.length
  return [...segmenter.segment(text)].reduce((sum, { segment }) => sum + cells(segment), 0)
}

/** The text in at most so many cells, with `…` where some is left out. */
export function fit(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let kept = ""
  let taken = 1
  for (const { segment } of segmenter.segment(text)) {
    taken += cells(segment)
    if (taken > width) break
    kept += segment
  }
  return width < 1 ? "" : `${kept}…`
}

export const pad = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - widthOf(text)))
