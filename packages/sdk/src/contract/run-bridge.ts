import { decode, type Method } from "../call/index.ts"
import type { SyncResult } from "../run.ts"
import type { KnownCredentials } from "../schema/credentials.ts"
import { holds } from "../values/index.ts"
import type { Bridge, Served } from "./bridge.ts"
import { ContractError } from "./error.ts"
import { FileRequests } from "./files.ts"
import { InlineCommands } from "./inline.ts"
import { limits } from "./limits.ts"
import { requestSchemas, type Requests, type SyncRequest } from "./requests.ts"
import { Scripts } from "./scripts.ts"

/** Serves what one call's handler asks for on a host. */
export class RunBridge {
  readonly #served: Served
  readonly #scripts: Scripts
  readonly #commands: InlineCommands
  readonly #files: FileRequests
  #underWay = 0
  #syncing: Promise<unknown> = Promise.resolve()

  constructor(bridge: Bridge) {
    this.#served = { ...bridge, onStderr: (line) => this.#tell(line) }
    this.#scripts = new Scripts(this.#served)
    this.#commands = new InlineCommands(this.#served)
    this.#files = new FileRequests(this.#served)
  }

  /**
   * @param onLine told each line of a command's standard output, as it comes
   * @returns what the handler gets; secrets in it are `Secret`s
   * @throws UserError, ScriptError and ContractError, which reach the handler
   */
  async serve(method: Method, params: unknown, onLine?: (line: string) => void): Promise<unknown> {
    if (this.#underWay >= limits.requestsAtOnce) throw new ContractError("plugin_limit", `${method} was asked for while ${limits.requestsAtOnce} requests of the same call were under way, which is all it may have at once.`)
    this.#underWay++
    try {
      return await this.#answer(method, params, onLine)
    } finally {
      this.#underWay--
    }
  }

  async #answer(method: Method, params: unknown, onLine?: (line: string) => void): Promise<unknown> {
    switch (method) {
      case "script": return this.#scripts.run(this.#checked(method, params))
      case "detached": return this.#scripts.runDetached(this.#checked(method, params))
      case "bash": return this.#commands.bash(this.#checked(method, params), onLine)
      case "exec": return this.#commands.exec(this.#checked(method, params), onLine)
      case "expect": return this.#commands.expect(this.#checked(method, params), onLine)
      case "powershell": return this.#commands.powershell(this.#checked(method, params), onLine)
      case "sync": return this.#sync(this.#checked(method, params))
      case "read": return this.#files.read(this.#checked(method, params))
      case "write": return this.#files.write(this.#checked(method, params))
      case "stat": return this.#files.stat(this.#checked(method, params))
      case "credentials": return this.#credentials(this.#checked(method, params).reference)
      default: return this.#served.ports(this.#checked(method, params).request)
    }
  }

  #checked<M extends Method>(method: M, params: unknown): Requests[M] {
    const { validator, redactor } = this.#served
    const faults = validator.faults(requestSchemas[method], params)
    const request = decode(params)
    redactor.add(request)
    if (holds<Requests[M]>(request, faults)) return request
    throw new ContractError("plugin_failed", `The plugin called ${method} wrongly: ${faults.map(({ pointer, message }) => `${pointer} ${message}`).join("; ")}.`, { faults })
  }

  /** Known to the redactor before the handler has them. */
  async #credentials(reference: string): Promise<KnownCredentials> {
    const { credentials, signal, redactor } = this.#served
    if (!credentials) throw new ContractError("credentials_missing", "There is no secret store here.")
    const known = await credentials(reference, signal)
    redactor.add(known)
    return known
  }

  /** One after another: two that write the same directory would undo each other's work. */
  #sync(request: SyncRequest): Promise<SyncResult> {
    const { sync, signal, context, onStderr } = this.#served
    if (!sync) throw new ContractError("plugin_failed", "run.sync was called outside linked.preSnapshot of a plugin with direct ingestion.")
    const synced = this.#syncing.then(() => sync(request, { signal, onLine: onStderr, onProgress: (progress) => context.progress(progress) }))
    this.#syncing = synced.catch(() => undefined)
    return synced
  }

  /** Progress or a line of the log. */
  #tell(line: string): void {
    const { context, redactor } = this.#served
    const [, fraction, message] = /^VENEER_PROGRESS (\S+)(?: (.*))?$/.exec(line) ?? []
    if (fraction === undefined) return context.log(redactor.text(line))
    const moved = Number(fraction)
    context.progress({
      ...(moved >= 0 && moved <= 1 && { fraction: moved }),
      ...(message !== undefined && message !== "" && { message: redactor.text(message) }),
    })
  }
}
