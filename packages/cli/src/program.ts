import { Command, Help } from "commander"
import { addDsourceCommands } from "./commands/dsource.ts"
import { addEngineCommands } from "./commands/engine.ts"
import { addEnvironmentCommands } from "./commands/environment.ts"
import { addEventCommands } from "./commands/event.ts"
import { addJobCommands } from "./commands/job.ts"
import { addPluginCommands } from "./commands/plugin.ts"
import { addPoolCommands } from "./commands/pool.ts"
import { addSnapshotCommands } from "./commands/snapshot.ts"
import { addRepositoryCommands, addSourceCommands } from "./commands/source.ts"
import { addTokenCommands } from "./commands/token.ts"
import { addVdbCommands } from "./commands/vdb.ts"
import { nounHelp, topHelp } from "./help.ts"

const NOUNS: readonly { name: string; add: (noun: Command) => void }[] = [
  { name: "vdb", add: addVdbCommands },
  { name: "dsource", add: addDsourceCommands },
  { name: "snapshot", add: addSnapshotCommands },
  { name: "environment", add: addEnvironmentCommands },
  { name: "source", add: addSourceCommands },
  { name: "repository", add: addRepositoryCommands },
  { name: "plugin", add: addPluginCommands },
  { name: "engine", add: addEngineCommands },
  { name: "pool", add: addPoolCommands },
  { name: "job", add: addJobCommands },
  { name: "event", add: addEventCommands },
  { name: "token", add: addTokenCommands },
]

/** The whole command line. Parsing throws instead of exiting, and failures are told by whoever runs it. */
export function buildProgram(version: string): Command {
  const program = quiet(new Command("veneer"))
    .version(version, "--version")
    .option("--json", "print one JSON document")
    .option("-q, --quiet", "print ids only")
    .option("--url <url>", "the engine's address")
    .option("--token <token>", "its token")
    .option("--data-dir <path>", "the data directory of an engine on this machine")
    .configureHelp({ formatHelp: topHelp })
  for (const { name, add } of NOUNS) {
    const noun = quiet(program.command(name)).configureHelp({ formatHelp: nounHelp })
    add(noun)
    for (const verb of [...noun.commands, ...noun.commands.flatMap(({ commands }) => commands)]) {
      quiet(verb).configureHelp({ formatHelp: (command, helper) => Help.prototype.formatHelp.call(helper, command, helper), helpWidth: 80 })
    }
  }
  return program
}

const quiet = (command: Command): Command =>
  command.exitOverride().helpCommand(false).allowExcessArguments(false).configureOutput({ outputError: () => undefined })
