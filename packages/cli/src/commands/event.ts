import type { Command } from "commander"
import { ExitError } from "../errors.ts"
import { cleanLine } from "../text/clean.ts"
import { verb } from "./command.ts"

/** `veneer event …` */
export function addEventCommands(noun: Command): void {
  verb<{ after?: string }>(noun, "watch", "follow what happens, until Ctrl-C", async (session) => {
    const { output, options } = session
    const client = await session.client()
    const interruption = new AbortController()
    process.once("SIGINT", () => interruption.abort())
    try {
      await client.watchEvents({
        after: options.after, signal: interruption.signal,
        onEvent: (event) => {
          // One document a line: this listing has no end.
          if (output.json) output.print(JSON.stringify(event))
          else output.print(output.quiet ? event.cursor : cleanLine(`${event.at}  ${event.kind}  ${event.subjectKind}/${event.subjectId}`))
        },
      })
    } catch (thrown) {
      if (interruption.signal.aborted) throw new ExitError(130)
      throw thrown
    }
  }).option("--after <cursor>", "begin after this event instead of now")
}
