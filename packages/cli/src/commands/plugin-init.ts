import { relative } from "node:path"
import { ask, canAsk } from "../ask.ts"
import { checkId, checkName, initPlugin, refuseUsed, suggestedId, suggestedName, type Ingestion } from "../author/init.ts"
import { UsageError } from "../errors.ts"
import type { Session } from "../session.ts"
import { clean } from "../text/clean.ts"

/** Options of `veneer plugin init`, as they are written. */
export interface InitOptions {
  staged?: boolean
  direct?: boolean
  id?: string
  name?: string
}

/** Makes a new plugin; on a terminal it asks for what was not said. */
export async function init({ options, output }: Session<InitOptions>, directory: string): Promise<void> {
  if (options.staged === true && options.direct === true) throw new UsageError("A plugin is either staged or direct.", "Give one of --staged and --direct.")
  await refuseUsed(directory)
  const ingestion = options.staged === true ? "staged" : options.direct === true ? "direct" : await askIngestion()
  const id = options.id ?? (await answer("Id", suggestedId(directory), checkId))
  const name = options.name ?? (await answer("Name", suggestedName(id), checkName))
  const files = await initPlugin(directory, { id, name, ingestion })
  const there = relative(".", directory)
  const steps = [...(there === "" ? [] : [`cd ${there}`]), "npm install", "npm test", "npm run dev"]
  output.result({ directory, id, name, ingestion, files }, {
    id: directory, text: () => clean(`${files.map((file) => `  ${file}`).join("\n")}\n\nThe plugin "${id}" is there. Next:\n\n${steps.map((step) => `  ${step}`).join("\n")}`),
  })
}

async function askIngestion(): Promise<Ingestion> {
  if (!canAsk()) throw new UsageError("It is not said how the plugin ingests.", "Give --staged (it fills a mounted dataset with scripts) or --direct (the engine copies a directory).")
  process.stderr.write("  staged  the plugin fills a mounted dataset with its scripts\n  direct  the engine copies a directory of the source's host\n")
  for (;;) {
    const chosen = (await ask("Ingestion [staged]: ")).trim() || "staged"
    if (chosen === "staged" || chosen === "direct") return chosen
    process.stderr.write("  One of: staged, direct\n")
  }
}

/** What is typed, the suggestion if nothing is; where nobody can be asked, the suggestion. */
async function answer(what: string, suggested: string, check: (value: string) => void): Promise<string> {
  if (!canAsk()) return suggested
  for (;;) {
    const typed = (await ask(`${what} [${suggested}]: `)).trim() || suggested
    try {
      check(typed)
      return typed
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      process.stderr.write(`  ${clean(error.action)}\n`)
    }
  }
}
