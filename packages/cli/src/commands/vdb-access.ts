import { spawn } from "node:child_process"
import { constants } from "node:os"
import { VeneerError } from "@veneer/engine/client"
import { ExitError, UsageError } from "../errors.ts"
import type { Session } from "../session.ts"

export interface UrlOptions {
  wait?: string
}

/** Prints a VDB's URL. */
export async function printUrl(session: Session<UrlOptions>, id = ""): Promise<void> {
  const wait = secondsOf(session.options.wait)
  const client = await session.client()
  const { url } = await client.showVdbAccess({ params: { id }, query: { wait } })
  if (url === undefined) throw notOffered(id, "no URL")
  session.output.result({ url }, { id: url, text: () => url })
}

function secondsOf(text = "0"): number {
  if (/^\d{1,4}$/.test(text)) return Number(text)
  throw new UsageError(`--wait takes a number of seconds, not "${text}".`)
}

/** Opens a VDB's client on this terminal and ends as it ends. */
export async function connect(session: Session, id = ""): Promise<void> {
  const client = await session.client()
  const { command = [], environment } = await client.showVdbAccess({ params: { id } })
  const [program, ...args] = command
  if (program === undefined) throw notOffered(id, "no client")
  const child = spawn(program, args, { stdio: "inherit", env: { ...process.env, ...environment } })
  // Ctrl-C is the client's: it reaches it from the terminal.
  process.on("SIGINT", ignore)
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once("error", (cause) => reject(new VeneerError({ code: "program_missing", message: `${program} can't be started here: ${cause.message}.`, action: `Install it, or use \`veneer vdb url ${id}\`.` })))
    child.once("exit", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
  process.off("SIGINT", ignore)
  if (exitCode !== 0) throw new ExitError(exitCode)
}

const ignore = () => undefined

const notOffered = (id: string, what: string) =>
  new VeneerError({ code: "not_offered", message: `The plugin of "${id}" tells ${what}.`, action: `See \`veneer vdb show ${id}\`.` })
