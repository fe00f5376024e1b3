import { decode, type Method } from "../call/index.ts"
import type { PortRequest, SyncResult } from "../run.ts"
import { Secret } from "../secret.ts"
import { concealed, holds, type Validator } from "../values/index.ts"
import { answerOf, failure, refuse } from "./answer.ts"
import { ContractError } from "./error.ts"
import type { DetachedCommand, CommandOutcome, ScriptHost } from "./host.ts"
import { quote } from "./quote.ts"
import type { Redactor } from "./redact.ts"
import { requestSchemas, type Requests, type ScriptRequest, type SyncRequest } from "./requests.ts"
import { environmentVariables, scriptVariables } from "./variables.ts"

/** Ten minutes: a script that takes longer says so, or is detached. */
const TIMEOUT_MS = 600_000

/** Reads the shell text up to a NUL from standard input and becomes it; what follows is the command's own input. */
const INLINE = `IFS= read -r -d '' VENEER_INPUT; eval "$VENEER_INPUT"`

/** A plugin as far as its scripts are concerned. */
export interface BridgedPlugin {
  manifest: {
    id: string
    /** By path: `scripts/ingest.sh`. What is not here is no script of the plugin's. */
    checksums: Readonly<Record<string, string>>
  }
  /** The artifact's name in the host's own terms. */
  artifact: string
}

/** Under whose eyes a call runs. */
export interface BridgeContext {
  /** Derived from job and step, so that a repeated call finds its detached runs. */
  key: string
  log(line: string): void
  progress(progress: { fraction?: number | undefined; message?: string | undefined }): void
}

/** Who is told how a sync goes, and ends it. */
export interface SyncWatch {
  signal: AbortSignal
  onLine: (line: string) => void
  onProgress: BridgeContext["progress"]
}

/** What a call's requests are served with. */
export interface Bridge {
  plugin: BridgedPlugin
  host: ScriptHost
  context: BridgeContext
  /** Aborted when the call ends, however it ends. */
  signal: AbortSignal
  redactor: Redactor
  validator: Validator
  /** Brings files into the dataset; absent where there is none to be filled. */
  sync?: ((request: SyncRequest, watch: SyncWatch) => Promise<SyncResult>) | undefined
  /** Hands out a port to whoever the call is for. */
  ports: (request: PortRequest) => Promise<number>
}

/** Serves what one call's handler asks for on a host. */
export class RunBridge {
  readonly #bridge: Bridge
  readonly #detached = new Map<string, number>()
  #syncing: Promise<unknown> = Promise.resolve()

  constructor(bridge: Bridge) {
    this.#bridge = bridge
  }

  /**
   * @returns what the handler gets; secrets in it are `Secret`s
   * @throws UserError, ScriptError and ContractError, which reach the handler
   */
  async serve(method: Method, params: unknown): Promise<unknown> {
    if (method === "script") return this.#script(this.#checked(method, params))
    if (method === "detached") return this.#runDetached(this.#checked(method, params))
    if (method === "bash") return this.#bash(this.#checked(method, params))
    if (method === "exec") return this.#exec(this.#checked(method, params))
    if (method === "sync") return this.#sync(this.#checked(method, params))
    return this.#bridge.ports(this.#checked(method, params).request)
  }

  #checked<M extends Method>(method: M, params: unknown): Requests[M] {
    const { validator, redactor } = this.#bridge
    const faults = validator.faults(requestSchemas[method], params)
    const request = decode(params)
    redactor.add(request)
    if (holds<Requests[M]>(request, faults)) return request
    throw new ContractError("plugin_failed", `The plugin called ${method} wrongly: ${faults.map(({ pointer, message }) => `${pointer} ${message}`).join("; ")}.`, { faults })
  }

  async #script(request: ScriptRequest): Promise<unknown> {
    const { host } = this.#bridge
    const { script, ...command } = await this.#command(request)
    const timeoutMs = request.timeoutMs ?? TIMEOUT_MS
    return this.#answer(request, await host.run({ ...command, argv: ["bash", script], timeoutMs }), timeoutMs)
  }

  async #runDetached(request: ScriptRequest): Promise<unknown> {
    const { host, context } = this.#bridge
    const { file, timeoutMs } = request
    const turn = (this.#detached.get(file) ?? 0) + 1
    this.#detached.set(file, turn)
    const command = await this.#command(request)
    const key = `${context.key}/${file}${turn > 1 ? `/${turn}` : ""}`
    return this.#answer(request, await host.runDetached({ ...command, key, timeoutMs }), timeoutMs)
  }

  async #command({ file, variables, values, user, cwd }: ScriptRequest): Promise<Omit<DetachedCommand, "key">> {
    const { plugin, host, signal } = this.#bridge
    const path = `scripts/${file}`
    if (!Object.hasOwn(plugin.manifest.checksums, path)) throw new ContractError("plugin_failed", `There is no script ${JSON.stringify(file)} in the artifact of ${plugin.manifest.id}.`)
    const script = `${await host.artifactPath(plugin.artifact)}/${path}`
    return { script, user, cwd, stdin: scriptVariables(file, variables, values), signal, onStderr: this.#onStderr }
  }

  #answer({ file, output }: ScriptRequest, outcome: CommandOutcome, timeoutMs: number | undefined): unknown {
    refuse(file, outcome, { timeoutMs, wholeOutput: true })
    const answer = answerOf(file, outcome)
    const invalid = (what: string) => new ContractError("script_output_invalid", `${file} ${what}.`)
    if (!output) {
      if (answer === undefined) return undefined
      throw invalid("emitted a document, but declares no output")
    }
    if (answer === undefined) throw invalid("emitted nothing, but declares an output")
    const { validator, redactor } = this.#bridge
    const schema = validator.interned(output)
    const [fault] = validator.faults(schema, answer)
    if (fault) throw invalid(`emitted something that does not fit its output: ${fault.pointer || "it"} ${fault.message}`)
    const safe = concealed(schema, answer)
    redactor.add(safe)
    return safe
  }

  #bash({ command, ...options }: Requests["bash"]) {
    return this.#inline(command, options, "bash")
  }

  #exec({ argv, ...options }: Requests["exec"]) {
    return this.#inline(`exec -- ${argv.map(quote).join(" ")}`, options, argv[0])
  }

  /** One after another: two that write the same directory would undo each other's work. */
  #sync(request: SyncRequest): Promise<SyncResult> {
    const { sync, signal, context } = this.#bridge
    if (!sync) throw new ContractError("plugin_failed", "run.sync was called outside linked.preSnapshot of a plugin with direct ingestion.")
    const synced = this.#syncing.then(() => sync(request, { signal, onLine: this.#onStderr, onProgress: (progress) => context.progress(progress) }))
    this.#syncing = synced.catch(() => undefined)
    return synced
  }

  /** One process: bash takes variables and command from its standard input, and `exec` becomes the program. */
  async #inline(text: string, options: Omit<Requests["bash"], "command">, name: string) {
    const { user, cwd, variables = {}, stdin = "", check = false, timeoutMs = TIMEOUT_MS } = options
    const own = stdin instanceof Secret ? stdin.reveal() : stdin
    if (text.includes("\0")) throw new ContractError("plugin_failed", "A command holds a NUL character.")
    const input = `${environmentVariables(variables)}unset -v VENEER_INPUT\n${text}\n\0${own}`
    const outcome = await this.#bridge.host.run({ argv: ["bash", "-c", INLINE], user, cwd, stdin: input, timeoutMs, signal: this.#bridge.signal, onStderr: this.#onStderr })
    refuse(name, outcome, { timeoutMs, wholeOutput: false })
    const { exitCode, stdout, stderr } = outcome
    if (exitCode === undefined || (check && exitCode !== 0)) throw failure(name, outcome)
    return { exitCode, stdout, stderr }
  }

  /** Progress or a line of the log. */
  readonly #onStderr = (line: string): void => {
    const { context, redactor } = this.#bridge
    const [, fraction, message] = /^VENEER_PROGRESS (\S+)(?: (.*))?$/.exec(line) ?? []
    if (fraction === undefined) return context.log(redactor.text(line))
    const moved = Number(fraction)
    context.progress({
      ...(moved >= 0 && moved <= 1 && { fraction: moved }),
      ...(message !== undefined && message !== "" && { message: redactor.text(message) }),
    })
  }
}
