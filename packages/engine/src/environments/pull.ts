import type { Command, CommandOutcome } from "@veneer/sdk/contract"
import { EngineError } from "../errors.ts"
import { Lines } from "../lines.ts"
import type { Pull, Pulled } from "./port.ts"
import { runProcess } from "./process.ts"
import { PullReport } from "./pull-report.ts"
import { TEMPORARY, withTemporary } from "./pull-temporary.ts"

/** How the host's side of a pull is reached. */
export interface Reach {
  /** The environment's name, for messages. */
  host: string
  /** What rsync is given as its remote shell: takes a host's name and a command, and runs that as the user that reads. */
  shell: Command["argv"]
  env: Readonly<Record<string, string>>
  /** Whether both sides are one machine, with no network to save. */
  isLocal: boolean
}

/** Stands where rsync wants a host's name; who is meant is settled in the shell. */
const SOURCE = "source"

/** How rsync ends. "Vanished" is said of files that were removed while it read: a source goes on living. */
const DONE = 0
const UNSUPPORTED = 4
const PARTIAL = 23
const VANISHED = 24
const NOT_FOUND = 127

/** No shell reads the arguments. Times are compared to the nanosecond. */
const FIXED = [
  "--recursive", "--links", "--perms", "--times", "--group", "--owner", "--numeric-ids", "--hard-links", "--sparse", "--protect-args", "--modify-window=-1",
  "--stats", "--info=progress2", "--no-human-readable",
]

/** ACLs and the extended attributes that users set. Those of the system's other namespaces mean something on their own host only. */
const ATTRIBUTES = ["--acls", "--xattrs", "--filter=+x user.*", "--filter=-x *"]

/** Who isn't root can't write what is read-only, nor remove it from such a directory. */
const isRoot = process.getuid?.() === 0

/**
 * Copies a host's directory to this machine with rsync: modes, owners, times, links, hard links and holes as they are, and
 * attributes where both sides can.
 *
 * A file that changed is brought up to date in place, so that storage goes on sharing all of it that did not change. Where
 * that could go wrong it is written anew: beside hard links, since a name of one file may have become a file of its own,
 * and where the newer of two files is kept, since one that was cut off half-written would look the newer.
 */
export async function pullFiles(pull: Pull, reach: Reach): Promise<Pulled> {
  if (isRoot && !pull.onlyNewer && !(await hasHardLinks(pull, reach))) return pullWith(["--inplace", "--no-whole-file"], pull, reach)
  const options = [`--temp-dir=${TEMPORARY}`, `--filter=- /${TEMPORARY}`, ...(reach.isLocal ? ["--whole-file"] : []), ...(isRoot ? [] : ["--chmod=Du+rwx"])]
  return withTemporary(pull.to, reach.env, () => pullWith(options, pull, reach))
}

async function hasHardLinks({ to, signal }: Pull, { env }: Reach): Promise<boolean> {
  const { stdout } = await runProcess({ argv: ["find", to, "-xdev", "-type", "f", "-links", "+1", "-print", "-quit"], env, cwd: "/", signal })
  return stdout !== ""
}

async function pullWith(way: readonly string[], pull: Pull, reach: Reach): Promise<Pulled> {
  const options = [...way, ...asked(pull)]
  const first = await rsync([...options, ...ATTRIBUTES], pull, reach)
  if (!lacksAttributes(first.outcome)) return conclude(first, pull, reach)
  pull.onLine?.("ACLs and extended attributes can't be kept here and are left out.")
  return conclude(await rsync(options, pull, reach), pull, reach)
}

const asked = (pull: Pull): string[] => [
  ...(pull.delete ? ["--delete"] : []), ...(pull.onlyNewer ? ["--update"] : []), ...(pull.checksum ? ["--checksum"] : []),
  ...pull.exclude.map((pattern) => `--filter=- ${pattern}`),
]

interface Ended {
  outcome: CommandOutcome
  report: PullReport
}

async function rsync(options: readonly string[], { from, to, signal, onLine, onProgress }: Pull, { shell, env }: Reach): Promise<Ended> {
  const report = new PullReport({ onLine, onProgress })
  const lines = new Lines((line) => report.add(line), { rewriting: true })
  const outcome = await runProcess({
    argv: ["rsync", `--rsh=${shell.map(word).join(" ")}`, ...FIXED, ...options, "--", `${SOURCE}:${literal(slashed(from))}`, slashed(to)],
    env, cwd: "/", signal, onOutput: (chunk) => lines.add(chunk), onStderr: onLine,
  }).catch((error: unknown) => {
    throw error instanceof EngineError && error.code === "program_missing" ? new EngineError("program_missing", "rsync is not installed on the engine's machine.", { action: INSTALL, cause: error }) : error
  })
  lines.end()
  return { outcome, report }
}

/** rsync cuts the remote shell into words at spaces; quotes of either kind hold one together. */
const word = (text: string) => (/[\s"]/.test(text) ? `'${text}'` : text)

const slashed = (path: string) => `${path.replace(/\/+$/, "")}/`

/** Where a path has a wildcard, the sender looks for what matches; a backslash takes that away. */
const literal = (path: string) => (/[*?[]/.test(path) ? path.replace(/[\\*?[\]]/g, String.raw`\$&`) : path)

function lacksAttributes({ exitCode, stderr }: CommandOutcome): boolean {
  if (exitCode === UNSUPPORTED) return /(?:ACLs|xattrs|extended attributes) are not supported/i.test(stderr)
  const complaints = stderr.split("\n").filter((line) => /failed: /.test(line))
  return exitCode === PARTIAL && complaints.length > 0 && complaints.every((line) => /(?:xattr|acl).*Operation not supported/i.test(line))
}

function conclude({ outcome: { exitCode, stderr }, report }: Ended, { from, user }: Pull, { host }: Reach): Pulled {
  if (exitCode === DONE || exitCode === VANISHED) return report.pulled
  const detail = { output: stderr.trim() }
  if (exitCode === NOT_FOUND) throw new EngineError("program_missing", `rsync can't be started on ${host}.`, { ...detail, action: INSTALL })
  if (/No space left on device|Disk quota exceeded/.test(stderr)) throw new EngineError("pool_full", `${from} on ${host} could not be copied: the pool is full.`, detail)
  if (/change_dir ".*" failed: (?:No such file|Not a directory)/.test(stderr)) throw new EngineError("file_missing", `There is no directory ${from} on ${host}.`, detail)
  throw new EngineError("sync_incomplete", `Not all of ${from} on ${host} could be copied${user === undefined ? "" : ` as the OS user ${user}`}.`, detail)
}

const INSTALL = "Install the package rsync there, then sync again."
