import type { Command, Help } from "commander"

/** `veneer --help`: every noun with its verbs, on one screen. */
export function topHelp(program: Command): string {
  const nouns = program.commands.map((noun) => [noun.name(), noun.commands.map((verb) => verb.name()).join(" ")] as const)
  const lines = nouns.flatMap(([name, verbs]) => {
    const [first = "", ...others] = wrap(verbs, 64)
    return [`  ${name.padEnd(13)}${first}`, ...others.map((line) => " ".repeat(15) + line)]
  })
  return `Thin, writable, running copies of production databases.

Usage: veneer <noun> <verb> [names] [options]

${lines.join("\n")}

--json, --quiet   one JSON document, or ids only
--url, --token    the engine, unless it runs here; or VENEER_URL, VENEER_TOKEN
--data-dir        of an engine here; or VENEER_DATA_DIR, else /var/lib/veneer
More: veneer <noun> --help, veneer <noun> <verb> --help
`
}

/** `veneer vdb --help`: a line a verb. */
export function nounHelp(noun: Command, helper: Help): string {
  const verbs = noun.commands.map((verb) => [helper.subcommandTerm(verb).replace(/ ?\[options\]/, "").replace(/\|\S+/, ""), verb.description()] as const)
  const width = Math.max(...verbs.map(([term]) => term.length)) + 2
  return `Usage: veneer ${noun.name()} <verb> [options]

${verbs.map(([term, description]) => `  ${term.padEnd(width)}${description}`).join("\n")}

Names or ids both work. Options of a verb: veneer ${noun.name()} <verb> --help
`
}

function wrap(text: string, width: number): string[] {
  const lines = [""]
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? ""
    if (last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`
  }
  return lines
}
