import { readFile } from "node:fs/promises"
import { relative } from "node:path"
import { ask, canAsk } from "../ask.ts"
import { checkId, checkName, initPlugin, refuseUsed, suggestedId, suggestedName, type Ingestion } from "../author/init.ts"
import type { ImportNote } from "../author/import/notes.ts"
import { UsageError } from "../errors.ts"
import type { Output } from "../output.ts"
import type { Session } from "../session.ts"
import { clean } from "../text/clean.ts"
import { indented } from "../text/wrap.ts"

/** Options of `veneer plugin init`, as they are written. */
export interface InitOptions {
  staged?: boolean
  direct?: boolean
  id?: string
  name?: string
  schema?: string
}

/** Makes a new plugin; on a terminal it asks for what was not said. */
export async function init({ options, output }: Session<InitOptions>, directory: string): Promise<void> {
  if (options.staged === true && options.direct === true) throw new UsageError("A plugin is either staged or direct.", "Give one of --staged and --direct.")
  await refuseUsed(directory)
  const ingestion = options.staged === true ? "staged" : options.direct === true ? "direct" : await askIngestion()
  const id = options.id ?? (await answer("Id", suggestedId(directory), checkId))
  const name = options.name ?? (await answer("Name", suggestedName(id), checkName))
  const { files, notes } = await initPlugin(directory, { id, name, ingestion, ...(options.schema !== undefined && { foreignSchema: await jsonIn(options.schema) }) })
  const there = relative(".", directory)
  const steps = [...(there === "" ? [] : [`cd ${there}`]), "npm install", "npm test", "npm run dev"]
  output.result({ directory, id, name, ingestion, files, notes }, {
    id: directory, text: () => clean(`${notesText(notes, output)}${files.map((file) => `  ${file}`).join("\n")}\n\nThe plugin "${id}" is there. Next:\n\n${steps.map((step) => `  ${step}`).join("\n")}`),
  })
}

/** What of a foreign schema a person has to look at; the README lists it, too. */
function notesText(notes: readonly ImportNote[], { columns }: Output): string {
  if (notes.length === 0) return ""
  return `What of the schema did not carry over as it was:\n\n${notes.map(({ pointer, message }) => `  ${pointer || "/"}\n${indented(message, "    ", columns)}`).join("\n")}\n\n`
}

async function jsonIn(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"))
  } catch (cause) {
    throw new UsageError(`${file} can't be read as JSON.`, cause instanceof Error ? cause.message : undefined)
  }
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
      // How it is given as an option is of no use to somebody who is asked.
      process.stderr.write(`  ${clean(error.action.replace(/: --.*$/, "."))}\n`)
    }
  }
}
