import { readFile } from "node:fs/promises"

/** One fenced block of a page. */
export interface Block {
  /** As it begins: `packages/docs/scripts.md:12`. */
  place: string
  language: string
  /** What stands behind the language. */
  words: readonly string[]
  /** With a line break at its end. */
  text: string
}

/** The fenced blocks of a page, in order. */
export async function blocksOf(root: string, page: string): Promise<Block[]> {
  const text = await readFile(`${root}/${page}`, "utf8")
  return [...text.matchAll(/^```(.*)\n([^]*?)^```$/gm)].map((match) => {
    const [, info = "", content = ""] = match
    const [language = "", ...words] = info.split(/\s+/)
    return { place: `${page}:${text.slice(0, match.index).split("\n").length}`, language, words, text: content }
  })
}

/** What a block is for, and so how it is tested. */
export type Snippet =
  /** Text of a file of the repository, which has tests of its own. */
  | { is: "quote"; file: string }
  /** A module that stands by itself. */
  | { is: "module" }
  /** Commands; `fails` where the last of them does, `stays` where it goes on until it is ended. */
  | { is: "commands"; ending: "well" | "fails" | "stays" }
  /** What the commands before it print. */
  | { is: "output" }
  /** What a person is asked by a schema of the plugin of the examples. */
  | { is: "form"; schema: string }
  /** A file that the reader writes. */
  | { is: "file"; path: string }

/** @throws for a block that nothing would test */
export function snippetOf({ place, language, words: [word = "", ...others] }: Block): Snippet {
  const [key, value = ""] = word.split("=")
  if (others.length === 0) {
    if (key === "of" && value !== "") return { is: "quote", file: value }
    if (language === "ts" && word === "") return { is: "module" }
    if (language === "sh" && word === "") return { is: "commands", ending: "well" }
    if (language === "sh" && (word === "fails" || word === "stays")) return { is: "commands", ending: word }
    if (language === "text" && word === "") return { is: "output" }
    if (language === "text" && key === "form") return { is: "form", schema: value }
    if (key === "file" && value !== "") return { is: "file", path: value }
  }
  throw new Error(`${place}: nothing tests a block of "${language} ${word}".`)
}

/** Whether some text is what a page shows: `…` stands for anything within a line, and alone for any lines. How wide columns are depends on what is in them. */
export function showsText(shown: string, text: string): boolean {
  const pattern = plain(shown).split("\n").map((line) => (line.trim() === "…" ? "[^]*" : `${line.split("…").map((part) => escaped(part)).join(".*")}\\n`)).join("")
  return new RegExp(`^${pattern}$`).test(`${plain(text)}\n`)
}

const plain = (text: string): string => text.replaceAll(/[ \t]+$/gm, "").replaceAll(/(?<=\S) +/g, " ").trim()

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
