import { ScriptError, UserError, type SyncResult } from "@veneer/sdk"
import type { Method } from "@veneer/sdk/call"
import type { CommandOutcome } from "@veneer/sdk/contract"
import { isObject, revealed } from "@veneer/sdk/values"

/** A reply as the program that was asked for would end: what it says on standard output, and how. */
export function outcomeOf(method: Method, reply: unknown): CommandOutcome {
  if (reply instanceof UserError) return { ...ended, exitCode: 1, stdout: JSON.stringify({ error: errorOf(reply) }) }
  if (reply instanceof ScriptError) return { ...ended, exitCode: reply.exitCode, stdout: reply.stdout, stderr: reply.stderr }
  if (reply instanceof Error) throw reply
  switch (method) {
    case "script":
    case "detached": return { ...ended, stdout: reply === undefined ? "" : JSON.stringify(revealed(reply)) }
    case "read": return { ...ended, stdout: reply === undefined ? "missing \n" : `ok ${base64(reply)}\n` }
    case "write": return { ...ended, stdout: "ok \n" }
    case "stat": return { ...ended, stdout: reply === undefined ? "missing \n" : `ok ${factsOf(isObject(reply) ? reply : {})}\n` }
    default: return commandOf(reply)
  }
}

/** What a reply says that `run.sync` has moved. */
export function movedOf(reply: unknown): SyncResult {
  if (reply instanceof Error) throw reply
  const { files = 0, bytes = 0, deleted = 0 } = isObject(reply) ? reply : {}
  return { files: Number(files), bytes: Number(bytes), deleted: Number(deleted) }
}

const ended = { exitCode: 0, stdout: "", stderr: "", truncated: false, timedOut: false }

const errorOf = ({ code, message, action, output }: UserError) => ({ code, message, action, output })

function commandOf(reply: unknown): CommandOutcome {
  if (typeof reply === "string") return { ...ended, stdout: reply }
  if (!isObject(reply)) return ended
  const { exitCode = 0, stdout = "", stderr = "" } = reply
  return { ...ended, exitCode: Number(exitCode), stdout: String(stdout), stderr: String(stderr) }
}

const base64 = (content: unknown): string => Buffer.from(content instanceof Uint8Array ? content : String(revealed(content))).toString("base64")

const KINDS: Readonly<Record<string, number>> = { file: 0o100000, directory: 0o040000, other: 0o060000 }

/** As `files.sh` words them: mode in hex, size, owner, group, seconds. */
function factsOf({ kind = "file", sizeBytes = 0, mode = 0o644, uid = 0, gid = 0, modifiedAt }: Readonly<Record<string, unknown>>): string {
  const bits = (KINDS[String(kind)] ?? 0) | Number(mode)
  const seconds = modifiedAt instanceof Date ? Math.floor(modifiedAt.getTime() / 1000) : 0
  return [bits.toString(16), Number(sizeBytes), Number(uid), Number(gid), seconds].join(" ")
}
