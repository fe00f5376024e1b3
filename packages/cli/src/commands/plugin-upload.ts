import { readFile } from "node:fs/promises"
import type { Command } from "commander"
import type { UploadReply } from "@veneer/engine/client"
import { ExitError, UsageError } from "../errors.ts"
import type { Output } from "../output.ts"
import { clean, cleanLine } from "../text/clean.ts"
import { table } from "../text/table.ts"
import { indented } from "../text/wrap.ts"
import { verb } from "./command.ts"

/** `veneer plugin upload` and `upgrade`. */
export function addUploadCommands(noun: Command): void {
  verb(noun, "upload <file>", "install a plugin, or upgrade it", async (session, file = "") => {
    const body = await artifactIn(file)
    const client = await session.client()
    tellUpload(session.output, await client.uploadPlugin({ body }))
  })
  verb<{ dryRun?: boolean }>(noun, "upgrade <file>", "upgrade a plugin and migrate what is stored", async (session, file = "") => {
    const body = await artifactIn(file)
    const client = await session.client()
    tellUpload(session.output, await client.uploadPlugin({ body, query: { upgrade: true, dryRun: session.options.dryRun === true } }))
  }).option("--dry-run", "change nothing; tell everything it would break")
}

async function artifactIn(file: string): Promise<Buffer> {
  return readFile(file).catch((cause: unknown) => {
    throw new UsageError(`${file} can't be read.`, cause instanceof Error ? cause.message : undefined)
  })
}

/** What an upload did. A dry run that found something ends the program with 1, as the upgrade would. */
function tellUpload(output: Output, upload: UploadReply): void {
  output.result(upload, { id: upload.id, text: () => textOf(upload, output) })
  if (upload.findings.length > 0) throw new ExitError(1)
}

function textOf(upload: UploadReply, output: Output): string {
  const parts = [cleanLine(headline(upload)), migrationsOf(upload, output), objectsOf(upload, output), upload.dryRun && upload.outcome === "upgraded" ? findingsOf(upload, output) : ""]
  return parts.filter((part) => part !== "").join("\n")
}

function headline({ id, version, buildNumber, outcome, from, dryRun }: UploadReply): string {
  const build = `${version} (build ${buildNumber})`
  if (outcome === "unchanged") return `Plugin "${id}" ${build} is uploaded already; nothing ${dryRun ? "would change" : "changed"}.`
  if (outcome === "installed" || !from) return `Plugin "${id}" ${build} ${dryRun ? "would be new here" : "is uploaded"}.`
  return `Plugin "${id}" ${dryRun ? "would be" : "is"} upgraded from ${from.version} (build ${from.buildNumber}) to ${build}.`
}

function migrationsOf({ migrations, dryRun }: UploadReply, { columns }: Output): string {
  if (migrations.length === 0) return ""
  return indented(cleanLine(`Migrations${dryRun ? " to run" : ""}: ${migrations.map(({ id, kind }) => `${id} (${kind})`).join(", ")}`), "  ", columns)
}

function objectsOf({ objects, dryRun }: UploadReply, { columns, colors }: Output): string {
  if (objects.length === 0) return ""
  const rows = table(objects, [
    { head: "STORED", cell: ({ kind }) => kind, whole: true },
    { head: "COUNT", cell: ({ count }) => String(count), right: true },
    { head: dryRun ? "WOULD CHANGE" : "CHANGED", cell: ({ changed }) => String(changed), right: true },
    ...(objects.some(({ untried }) => untried > 0) ? [{ head: "NOT TRIED", cell: ({ untried }: { untried: number }) => String(untried), right: true }] : []),
  ], columns - 2, colors.bold)
  return rows.replaceAll(/^/gm, "  ")
}

const words = { repository: "repository", "source-config": "source", dsource: "dSource", vdb: "VDB", snapshot: "snapshot of" } as const

/** Each object once, with the rules it would break below it. */
function findingsOf({ findings, omitted }: UploadReply, { columns, colors }: Output): string {
  if (findings.length === 0) return "Nothing would break."
  const lines = [colors.red(`It would break ${findings.length + omitted === 1 ? "a rule" : `${findings.length + omitted} rules`}:`)]
  let last: string | undefined
  for (const { object, pointer, message } of findings) {
    const what = cleanLine(object ? `${words[object.kind]} ${object.name} (${object.id})` : "the artifact")
    if (what !== last) lines.push(`  ${colors.bold(what)}`)
    last = what
    lines.push(indented(clean(`${pointer === "" ? "" : `${pointer} `}${message}`), "    ", columns))
  }
  if (omitted > 0) lines.push(`  and ${omitted} more`)
  return lines.join("\n")
}
