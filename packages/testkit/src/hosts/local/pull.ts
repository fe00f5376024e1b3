import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import type { SyncResult } from "@veneer/sdk"
import type { SyncRequest, SyncWatch } from "@veneer/sdk/contract"
import { runProcess } from "./process.ts"
import { coded, launchAs } from "./user.ts"

/** What rsync takes for a remote shell: its first argument is a host's name, the rest is the command. */
const HERE = ["bash", "-c", 'shift; exec "$@"', "bash"] as const

const DONE = 0
/** Said of files that were removed while it read: a source goes on living. */
const VANISHED = 24

/** Copies a directory into a dataset with rsync, as `run.sync` does it: read as one OS user, written as our own. */
export async function pull({ directory, user, to = "", exclude = [], delete: deleting, onlyNewer, checksum }: SyncRequest, dataset: string, { signal, onLine }: SyncWatch, mark: string): Promise<SyncResult> {
  const target = join(dataset, to)
  await mkdir(target, { recursive: true })
  const { env } = launchAs(undefined, mark)
  const shell = launchAs(user, mark).become(HERE)
  const { exitCode, stdout, stderr } = await runProcess({
    argv: [
      "rsync", `--rsh=${shell.map(word).join(" ")}`, "--archive", "--hard-links", "--numeric-ids", "--protect-args", "--stats", "--no-human-readable",
      ...(deleting ? ["--delete"] : []), ...(onlyNewer ? ["--update"] : []), ...(checksum ? ["--checksum"] : []), ...exclude.map((pattern) => `--filter=- ${pattern}`),
      "--", `source:${slashed(directory)}`, slashed(target),
    ],
    env, cwd: "/", signal, onStderr: onLine,
  })
  if (exitCode === DONE || exitCode === VANISHED) return reported(stdout)
  if (/change_dir ".*" failed/.test(stderr)) throw coded("file_missing", `There is no directory ${directory}.`, "Check the path, and that the OS user may enter it.")
  throw coded("sync_incomplete", `Not all of ${directory} could be copied: ${stderr.trim()}`, "Mend what rsync names, then sync again.")
}

function reported(statistics: string): SyncResult {
  const after = (label: string) => Number(new RegExp(`^${label}: (\\d+)`, "m").exec(statistics)?.[1] ?? 0)
  return { files: after("Number of regular files transferred"), bytes: after("Total transferred file size"), deleted: after("Number of deleted files") }
}

/** rsync cuts the remote shell into words at spaces; quotes of either kind hold one together. */
const word = (text: string) => (/[\s"]/.test(text) ? `'${text}'` : text)

const slashed = (path: string) => `${path.replace(/\/+$/, "")}/`
