import { resolve } from "node:path"
import { dev as run, type Screen } from "../author/dev/dev.ts"
import { readMark } from "../author/dev/stage.ts"
import { strike } from "../author/dev/strike.ts"
import { faultsText } from "../author/report.ts"
import { UsageError } from "../errors.ts"
import type { Output } from "../output.ts"
import { formPreview } from "../params/preview.ts"
import type { Session } from "../session.ts"
import { clean, cleanLine } from "../text/clean.ts"
import { wrap } from "../text/wrap.ts"

/** Options of `veneer plugin dev`, as they are written. */
export interface DevOptions {
  keep?: boolean
  down?: string
}

/** Runs a throwaway engine with a plugin until Ctrl-C, or takes one down that was kept. */
export async function dev({ options, output }: Session<DevOptions>, directory: string): Promise<void> {
  if (options.down !== undefined) return takeDown(output, resolve(options.down))
  const stop = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort())
  stop.signal.addEventListener("abort", () => say(output, "dev", options.keep === true ? "ending" : "taking everything down"), { once: true })
  const stage = await run(directory, screenOf(output), { stop: stop.signal, keep: options.keep === true })
  output.print(options.keep === true ? `The engine goes on. Take it down: veneer plugin dev --down ${stage.path}` : "Nothing is left.")
}

async function takeDown(output: Output, path: string): Promise<void> {
  if (!(await readMark(path))) throw new UsageError(`${path} is not the folder of a throwaway engine.`, "Give the folder that `veneer plugin dev --keep` named.")
  await strike(path, (line) => say(output, "dev", line))
  output.print("Nothing is left.")
}

function screenOf(output: Output): Screen {
  const { colors } = output
  return {
    tell: (what, line, kind) => say(output, what, kind === undefined ? clean(line) : (kind === "good" ? colors.green : colors.red)(clean(line))),
    faults: (faults) => output.print(faultsText(faults, output)),
    ready: ({ plugin, stage, url, tokenFile, commands }) => {
      const lines = [`export VENEER_DATA_DIR=${stage.dataDir}`, ...commands]
      const forms = { link: plugin.schemas.linkedSource, sync: plugin.schemas.snapshotParameters, provision: plugin.schemas.virtualSource }
      output.print(clean(`
${Object.entries(forms).map(([what, schema]) => `${colors.bold(`What ${what} asks`)}\n${formText(schema, output.columns)}`).join("\n\n")}

The plugin "${plugin.id}" is in a throwaway engine. In another terminal:

${lines.map((line) => `  ${line}`).join("\n")}

Its API: ${url}/api/docs
Its token: ${tokenFile}
Ctrl-C takes everything down.
`))
    },
  }
}

/** A form's lines, those that are too long broken with what follows further in. */
const formText = (schema: Record<string, unknown>, columns: number): string =>
  formPreview(schema).split("\n").map((line) => wrap(line, columns - 6).join("\n      ")).join("\n")

const say = (output: Output, what: string, line: string): void => output.print(`${output.colors.dim(`[${cleanLine(what)}]`)} ${line}`)
