import { widthOf } from "./width.ts"

/** Breaks a text into lines of at most so many cells, between words; a longer word has a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines = [""]
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? ""
    if (last !== "" && widthOf(last) + 1 + widthOf(word) > width) lines.push(word)
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`
  }
  return lines
}

/** The same with each line indented, and each line break of the text kept. */
export function indented(text: string, indent: string, width: number): string {
  return text.split("\n").flatMap((line) => wrap(line, width - indent.length)).map((line) => indent + line).join("\n")
}
