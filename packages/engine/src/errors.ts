import type { Fault } from "@veneer/sdk/values"

/** What a coded error says besides its message. */
interface Entry {
  /** HTTP status when it answers a request. */
  status: number
  /** The next move for the person who reads it. */
  action: string
  /** Whether the same request may succeed later without anybody doing anything. */
  retryable: boolean
}

const entry = (status: number, action: string, retryable = false): Entry => ({ status, action, retryable })

/**
 * Every code the engine itself gives an error, with its status and default action. A plugin's own errors carry the
 * plugin's codes. `errors.md` in the docs lists the same codes; a test holds one against the other.
 */
export const catalogue = {
  // requests
  invalid_request: entry(400, "Correct the fields named and try again."),
  unauthorized: entry(401, "Give a valid token: --token, VENEER_TOKEN, or the file the engine named when it started."),
  not_found: entry(404, "List what exists and check the name or id."),
  name_taken: entry(409, "Choose another name, or delete the object that has it."),
  conflict: entry(409, "Wait for the other job to end, or cancel it."),
  in_use: entry(409, "Delete or move what depends on it first."),
  wrong_state: entry(409, "Bring the object into the state named, then try again."),
  not_offered: entry(409, "The plugin does not offer this operation; see `veneer plugin show`."),
  payload_too_large: entry(413, "Send less, or raise the engine's limit."),
  rate_limited: entry(429, "Wait a moment and try again.", true),
  internal: entry(500, "Look at the engine's log, and report this as a bug."),
  // jobs
  cancelled: entry(409, "Start the job again if that was not meant."),
  lease_lost: entry(503, "Nothing: another engine has taken the job over.", true),
  // plugins
  plugin_failed: entry(502, "Report it to the plugin's author; the job's log has the details."),
  plugin_output_invalid: entry(502, "Report it to the plugin's author: what the operation returned does not fit its schema."),
  plugin_timeout: entry(504, "Look at the job's log for what the plugin was waiting for, then try again.", true),
  plugin_exited: entry(502, "Look at `veneer plugin logs`; the next call starts the plugin afresh.", true),
  plugin_limit: entry(502, "Report it to the plugin's author: the message names the limit, and the docs' page of limits what to do instead."),
  artifact_invalid: entry(400, "Build the artifact again with `veneer plugin build` and upload that."),
  build_number_not_higher: entry(409, "Raise the plugin's build number and build it again."),
  migrations_missing: entry(409, "Put the migrations named back and build the plugin again: a build keeps those of the builds before it."),
  upgrade_blocked: entry(409, "Mend the plugin's migrations, or the objects named; `veneer plugin upgrade --dry-run` tells everything an upgrade would break."),
  script_failed: entry(502, "Read the script's output in the job's log, mend the cause and try again."),
  script_output_invalid: entry(502, "Report it to the plugin's author: what the script emitted does not fit what it declares."),
  script_timeout: entry(504, "Find out in the job's log what the script was waiting for, then try again.", true),
  output_too_large: entry(502, "Let the script write less to its standard output."),
  hook_failed: entry(502, "Mend the hook and run the workflow again."),
  // hosts
  environment_unreachable: entry(503, "Check that the host is up and reachable, then try again.", true),
  host_key_changed: entry(409, "Ask whoever runs the host whether its key was changed on purpose; if so, give the new one: `veneer environment update --host-key`. If not, somebody may stand between."),
  login_refused: entry(403, "Check the login name, and the password, key, agent or reference given; give another by `veneer environment update`."),
  shell_unusable: entry(409, "Give the login user an ordinary shell, install bash on the host, and see that its start-up files neither wait nor exit."),
  sudo_refused: entry(403, "Let the login user run programs as the OS user named, by the line of sudoers in the message."),
  storage_out_of_reach: entry(409, "Use an environment on the engine's own machine there; a host over SSH can be discovered, and pulled from by direct plugins."),
  user_unknown: entry(400, "Create the OS user on the host, or name one that exists."),
  file_missing: entry(404, "Check the path, and that it is there on that host."),
  file_denied: entry(403, "Give the OS user the right to it, or have the plugin act as another OS user."),
  file_unusable: entry(409, "See what the message says about the file, and put it right."),
  path_unsafe: entry(400, "Name a real directory inside the dataset, without symbolic links on the way."),
  sync_incomplete: entry(502, "Let the OS user named read all of it, or exclude what it may not, then sync again."),
  credentials_missing: entry(404, "Write the reference as store:name, with a store of the engine's --secrets file and a name that is in it."),
  credentials_unusable: entry(502, "Put right what the message says about the secret store, then try again."),
  port_taken: entry(409, "Choose another port, or leave the parameter out to have one chosen."),
  no_free_port: entry(409, "Free a port on the host, or give a wider range."),
  // storage
  pool_full: entry(507, "Delete snapshots or VDBs that nobody needs, or enlarge the pool."),
  pool_unavailable: entry(503, "Run `veneer engine doctor`; attach the pool's device or file again.", true),
  driver_unavailable: entry(400, "Choose another driver; `veneer pool create --help` lists what this machine offers."),
  dataset_missing: entry(500, "Run `veneer engine doctor` to see what else is gone."),
  dataset_busy: entry(409, "Stop what uses the dataset, then try again.", true),
  mount_busy: entry(409, "Stop the processes named, then try again.", true),
  mount_occupied: entry(409, "Unmount what is there, or give another mount path."),
  mount_unsafe: entry(400, "Give an absolute path that is not a system directory."),
  not_permitted: entry(403, "Run the engine as root, or use what it offers without: driver copy or reflink."),
  program_missing: entry(500, "Install the program named."),
} as const satisfies Record<string, Entry>

export type Code = keyof typeof catalogue

/** What an error carries to whoever sees it. */
export interface ErrorDetail {
  /** Instead of the catalogue's action, when more is known. */
  action?: string
  /** What a program said, with secrets taken out. */
  output?: string
  /** Per-field faults: JSON pointer and what is wrong there. */
  faults?: readonly Fault[]
  cause?: unknown
}

/**
 * A fault that has a code in the {@link catalogue}: its message states the fact, its action the next move.
 *
 * @example
 * throw new EngineError("pool_full", `Pool "${name}" has no space left.`)
 */
export class EngineError extends Error {
  override readonly name = "EngineError"
  readonly code: Code
  readonly action: string
  readonly output: string | undefined
  readonly faults: readonly Fault[] | undefined

  constructor(code: Code, message: string, detail: ErrorDetail = {}) {
    super(message, { cause: detail.cause })
    this.code = code
    this.action = detail.action ?? catalogue[code].action
    this.output = detail.output
    this.faults = detail.faults
  }
}

/** An error as it is stored with a job and sent to clients. */
export interface Problem {
  code: string
  message: string
  action: string
  output?: string
  faults?: readonly Fault[]
}

/** Any thrown value as a {@link Problem}. What nobody foresaw is `internal` and keeps its message. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof EngineError) {
    const { code, message, action, output, faults } = thrown
    return { code, message, action, ...(output !== undefined && { output }), ...(faults && { faults }) }
  }
  if (isProblem(thrown)) {
    const { code, message, action, output } = thrown
    return { code, message, action, ...(output !== undefined && { output }) }
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return { code: "internal", message, action: catalogue.internal.action }
}

/** The SDK's `UserError`, recognised by shape since it may come from another copy of the SDK. */
function isProblem(thrown: unknown): thrown is Problem {
  if (!(thrown instanceof Error) || !("code" in thrown) || !("action" in thrown)) return false
  return typeof thrown.code === "string" && typeof thrown.action === "string"
}
