import type { Command, Help } from "commander"
import { wrap } from "./text/wrap.ts"

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

/** `veneer vdb --help`: a line a verb; those of a group stand under its heading. */
export function nounHelp(noun: Command, helper: Help): string {
  const verbs = noun.commands.map((verb) => ({ group: verb.helpGroup() || "", term: helper.subcommandTerm(verb).replace(/ ?\[options\]/, "").replace(/\|\S+/, ""), description: verb.description() }))
  const width = Math.max(...verbs.map(({ term }) => term.length)) + 2
  const lines = [...new Set(verbs.map(({ group }) => group))].flatMap((group) => [
    ...(group === "" ? [] : ["", group]), ...verbs.filter((verb) => verb.group === group).map(({ term, description }) => `  ${term.padEnd(width)}${description}`),
  ])
  return `Usage: veneer ${noun.name()} <verb> [options]

${lines.join("\n")}

Names or ids both work. Options of a verb: veneer ${noun.name()} <verb> --help
`
}
