import { concealed } from "../values/index.ts"
import { answerOf, refuse } from "./answer.ts"
import type { Served } from "./bridge.ts"
import { ContractError } from "./error.ts"
import type { CommandOutcome, DetachedCommand } from "./host.ts"
import { limits } from "./limits.ts"
import type { ScriptRequest } from "./requests.ts"
import { scriptVariables } from "./variables.ts"

/** Runs a plugin's scripts for one call. */
export class Scripts {
  readonly #served: Served
  readonly #turns = new Map<string, number>()

  constructor(served: Served) {
    this.#served = served
  }

  async run(request: ScriptRequest): Promise<unknown> {
    const { script, ...command } = await this.#command(request)
    const timeoutMs = request.timeoutMs ?? limits.timeoutMs
    return this.#answer(request, await this.#served.host.run({ ...command, argv: ["bash", script], timeoutMs }), timeoutMs)
  }

  async runDetached(request: ScriptRequest): Promise<unknown> {
    const { host, context } = this.#served
    const { file, timeoutMs } = request
    const turn = (this.#turns.get(file) ?? 0) + 1
    this.#turns.set(file, turn)
    const command = await this.#command(request)
    const key = `${context.key}/${file}${turn > 1 ? `/${turn}` : ""}`
    return this.#answer(request, await host.runDetached({ ...command, key, timeoutMs }), timeoutMs)
  }

  async #command({ file, variables, values, user, cwd, login }: ScriptRequest): Promise<Omit<DetachedCommand, "key">> {
    const { plugin, host, signal, onStderr } = this.#served
    const path = `scripts/${file}`
    if (!Object.hasOwn(plugin.manifest.checksums, path)) throw new ContractError("plugin_failed", `There is no script ${JSON.stringify(file)} in the artifact of ${plugin.manifest.id}.`)
    const script = `${await host.artifactPath(plugin.artifact)}/${path}`
    return { script, user, cwd, login, stdin: scriptVariables(file, variables, values), signal, onStderr }
  }

  #answer({ file, output }: ScriptRequest, outcome: CommandOutcome, timeoutMs: number | undefined): unknown {
    const { validator, redactor } = this.#served
    refuse(file, outcome, { timeoutMs, wholeOutput: true, redactor })
    const answer = answerOf(file, outcome, redactor)
    const invalid = (what: string) => new ContractError("script_output_invalid", `${file} ${what}.`)
    if (!output) {
      if (answer === undefined) return undefined
      throw invalid("emitted a document, but declares no output")
    }
    if (answer === undefined) throw invalid("emitted nothing, but declares an output")
    const schema = validator.interned(output)
    const [fault] = validator.faults(schema, answer)
    if (fault) throw invalid(`emitted something that does not fit its output: ${fault.pointer || "it"} ${fault.message}`)
    const safe = concealed(schema, answer)
    redactor.add(safe)
    return safe
  }
}
