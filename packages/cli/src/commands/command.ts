import type { Command } from "commander"
import { Session, type SharedOptions } from "../session.ts"

/** What stands behind a command: its arguments as given, and the session with its options. */
type Work<O extends object> = (session: Session<O>, ...args: string[]) => Promise<void>

/** Adds a verb to a noun. @param usage its name and arguments: `show <name>` */
export function verb<O extends object>(noun: Command, usage: string, description: string, work: Work<O>): Command {
  const command = noun.command(usage).description(description)
  command.action(async () => {
    await work(new Session<O>(command.optsWithGlobals<O & SharedOptions>()), ...command.args)
  })
  return command
}

/** Options of a verb that starts a job. */
export function startsJob(command: Command): Command {
  return command.option("--no-wait", "print the job's id instead of following it").option("-v, --verbose", "show the log lines of the job")
}

/** Options of a verb that deletes something. */
export const asks = (command: Command): Command => command.option("-y, --yes", "don't ask")

/** Options of a verb that takes a plugin's parameters. */
export function takesParameters(command: Command): Command {
  return command
    .option("--param <name=value>", "a parameter of the plugin: name=value, name=@file, name=- asks", collected)
    .option("--params <file>", "parameters from a JSON file")
    .option("--ask", "ask for each parameter in turn")
}

export const takesHooks = (command: Command): Command => command.option("--hook <point=@file>", "a script to run at that point of workflows", collected)

/** Gathers a repeatable option. */
const collected = (value: string, before: readonly string[] = []): string[] => [...before, value]
