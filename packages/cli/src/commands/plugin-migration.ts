import type { Command } from "commander"
import { cleanLine } from "../text/clean.ts"
import { indented } from "../text/wrap.ts"
import { verb } from "./command.ts"

/** `veneer plugin migration new`. */
export function addMigrationCommands(noun: Command, group: string): void {
  const migration = noun.command("migration").usage("new <kind> [directory] [options]").description("new <kind>: add a migration to a plugin").helpGroup(group)
  verb<{ id?: string }>(migration, "new <kind> [directory]", "add a migration of one kind of stored value", async ({ options, output }, kind = "", directory = ".") => {
    const { addMigration } = await import("../author/migration.ts")
    const added = await addMigration(directory, kind, { id: options.id })
    const { id, file, changed, declared } = added
    output.result(added, { id, text: () => cleanLine(`Migration ${id} of ${kind} is in ${file}.`) })
    if (changed.length > 0) output.remark(cleanLine(`Also changed: ${changed.join(", ")}`))
    const open = [
      ...(declared ? [] : ["Name it in the plugin's definition: import { migrations } from the list above, and add migrations to definePlugin({ … })."]),
      "Write what it changes, raise the plugin's buildNumber, then try it: veneer plugin upgrade <file> --dry-run",
    ]
    for (const line of open) output.remark(indented(line, "", output.columns))
  }).option("--id <number>", "its id, dotted numbers; the next one unless told")
}
