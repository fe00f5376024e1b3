import type { Command } from "commander"
import { ExitError } from "../errors.ts"
import { describe } from "../text/describe.ts"
import { clean } from "../text/clean.ts"
import { verb } from "./command.ts"
import type { StartOptions } from "./engine-start.ts"

/** `veneer engine …` */
export function addEngineCommands(noun: Command): void {
  verb<StartOptions>(noun, "start", "run an engine in the foreground", async ({ options }) => {
    const { start } = await import("./engine-start.ts")
    await start(options)
  })
    .option("--listen <host:port>", "where the API listens", "127.0.0.1:7700")
    .option("--database-url <url>", "a PostgreSQL for the catalog instead of a private one")
    .option("--mount-root <path>", "where datasets are mounted")
    .option("--pool-driver <driver>", "storage driver of the first pool; the best there is unless told")
    .option("--pool-device <device>", "block device of the first pool")
    .option("--pool-size <size>", "size of the first pool's file, such as 50GiB")
    .option("--port-range <from-to>", "TCP ports handed out on hosts; 6000-6999 unless told")
    .option("--secrets <file>", "JSON file that names the secret stores of references")
    .option("--jobs <count>", "jobs run at once")
    .option("--allow-rebuild", "let any artifact replace a plugin: for authors' engines")
    .addHelpText("after", "\nThe data directory is --data-dir, VENEER_DATA_DIR or /var/lib/veneer.")
  verb(noun, "status", "show what the engine is and what it lacks", async (session) => {
    const client = await session.client()
    const engine = await client.showEngine()
    session.output.result(engine, { id: engine.id, text: () => describe(engine) })
  })
  verb<{ fix?: boolean }>(noun, "doctor", "compare hosts and storage with the catalog", async (session) => {
    const { output, options } = session
    const client = await session.client()
    const { items } = await (options.fix === true ? client.mend() : client.examine())
    output.list(items, {
      idOf: ({ subject }) => subject, none: "Everything is as the catalog says.",
      columns: [
        { head: "KIND", cell: ({ kind }) => kind, whole: true },
        { head: "SUBJECT", cell: ({ subject }) => subject },
        { head: "FINDING", cell: ({ message }) => message },
        { head: "FIXED", cell: ({ fixed }) => (fixed === true ? "yes" : "no"), whole: true },
      ],
    })
    const left = items.filter(({ fixed }) => fixed !== true)
    for (const action of new Set(left.map((finding) => finding.action))) output.remark(clean(action))
    for (const warning of (await client.showEngine()).warnings) output.remark(clean(`! ${warning}`))
    if (left.length > 0) throw new ExitError(1)
  }).option("--fix", "mend what can be mended")
}
