import type { Command } from "commander"
import { ExitError, UsageError } from "../errors.ts"
import { clean } from "../text/clean.ts"
import { bytes } from "../text/format.ts"
import { verb } from "./command.ts"
import type { DevOptions } from "./plugin-dev.ts"
import type { InitOptions } from "./plugin-init.ts"
import { addMigrationCommands } from "./plugin-migration.ts"

const GROUP = "For authors:"

/** `veneer plugin …` for those who write one. */
export function addAuthorCommands(noun: Command): void {
  verb<InitOptions>(noun, "init [directory]", "write a plugin that works as it is", async (session, directory = ".") => {
    const { init } = await import("./plugin-init.ts")
    await init(session, directory)
  })
    .option("--staged", "it fills a mounted dataset with its scripts")
    .option("--direct", "the engine copies a directory of the source's host")
    .option("--id <id>", "lower-case letters, digits and dashes; of the folder's name unless told")
    .option("--name <name>", "as people read it")
    .option("--schema <file>", "make its schemas of the schema.json of a Delphix plugin")
    .helpGroup(GROUP)
  verb(noun, "check [directory]", "find everything that is wrong with a plugin", async ({ output }, directory = ".") => {
    const [{ checkFolder }, { faultsText }] = await Promise.all([import("../author/check.ts"), import("../author/report.ts")])
    const { faults, notes } = await checkFolder(directory, { thorough: true })
    if (output.json) output.result({ faults, notes }, { id: undefined, text: () => "" })
    else if (faults.length > 0) output.print(output.quiet ? faults.map(({ at, place }) => clean(at ?? place)).join("\n") : faultsText(faults, output))
    for (const note of notes) output.remark(clean(`Note: ${note}`))
    if (faults.length > 0) output.remark(faults.length === 1 ? "1 fault." : `${faults.length} faults.`)
    else output.remark("Nothing is wrong with it.")
    if (faults.length > 0) throw new ExitError(1)
  }).helpGroup(GROUP)
  verb(noun, "test [directory] [args...]", "check it, then run its tests", async (session, ...operands) => {
    const { test } = await import("./plugin-test.ts")
    // What follows `--` is for the tests.
    const separator = process.argv.indexOf("--")
    const passed = separator === -1 ? 0 : process.argv.length - separator - 1
    const [directory = ".", ...others] = operands.slice(0, operands.length - passed)
    if (others.length > 0) throw new UsageError(`"${others[0]}" is no folder of a plugin and no argument of the tests.`, "Give arguments of the tests after --: veneer plugin test . -- -t link")
    await test(session, directory, operands.slice(operands.length - passed))
  }).addHelpText("after", "\nArguments after -- are for vitest: veneer plugin test . -- -t link").helpGroup(GROUP)
  verb<DevOptions>(noun, "dev [directory]", "run it in a throwaway engine, reload it on save", async (session, directory = ".") => {
    const { dev } = await import("./plugin-dev.ts")
    await dev(session, directory)
  })
    .option("--keep", "leave the engine running when this ends")
    .option("--down <folder>", "take down one that was kept")
    .helpGroup(GROUP)
  verb<{ out?: string }>(noun, "build [directory]", "build a plugin's artifact, offline", async ({ options, output }, directory = ".") => {
    const { buildPlugin } = await import("../author/build.ts")
    const { file, artifact, bytes: size } = await buildPlugin(directory, options.out === undefined ? {} : { out: options.out })
    output.result({ file, artifact, bytes: size }, { id: file, text: () => clean(`${file} (${bytes(size)})`) })
  }).option("--out <directory>", "where the artifact goes; dist in the plugin's folder unless told").helpGroup(GROUP)
  addMigrationCommands(noun, GROUP)
}
