import type { PortRequest } from "@veneer/sdk"
import { encode } from "@veneer/sdk/call"
import { acceptResult, acceptValue, createRedactor, RunBridge, type Bridge, type FindReference, type Redactor } from "@veneer/sdk/contract"
import { referencesIn, Validator } from "@veneer/sdk/values"
import { EngineError } from "../errors.ts"
import { userOf, type Host, type Hosts } from "../environments/port.ts"
import { directoryInside } from "../inside.ts"
import { blame } from "./blame.ts"
import { asEngineError } from "./broken.ts"
import type { Confinement } from "./confinement.ts"
import { hostPrograms } from "./host-programs.ts"
import { PluginHost, type Patience } from "./host.ts"
import { install } from "./install.ts"
import { PluginLog } from "./log.ts"
import { createMigrator } from "./migrator.ts"
import type { CallContext, InstalledPlugin, Plugins, PluginValue, ResultOf } from "./port.ts"
import { Store } from "./store.ts"

/** Characters of a line in a job's log. */
const LINE_LENGTH = 64 * 1024

/** Hands out ports: who asks, and for which. */
export type ReservePort = (context: CallContext, request: PortRequest) => Promise<number>

/** What plugins are made to work with. */
export interface PluginsOptions {
  /** Unpacked artifacts. Every folder above it must let every OS user through, or scripts can't run as one. */
  storeDir: string
  /** Marks the plugins' processes, so that a restarted engine finds those of its dead self. */
  engineId: string
  /** What their processes are kept from. */
  confinement: Confinement
  hosts: Hosts
  /** Reserves a TCP port for the owner in the context. */
  ports: ReservePort
  /** Finds what parameters refer to. */
  references: FindReference
  /** Follows a reference into a secret store. */
  credentials?: Bridge["credentials"]
  patience?: Patience
}

interface Loaded extends InstalledPlugin {
  host: PluginHost
  validator: Validator
}

/** Makes the engine's plugins: none is known until it is loaded. */
export function createPlugins({ storeDir, engineId, confinement, hosts, ports, references, credentials, patience = {} }: PluginsOptions): Plugins {
  const store = new Store(storeDir)
  const loaded = new Map<string, Loaded>()
  const programs = hostPrograms()
  const logs = new Map<string, PluginLog>()
  /** What a plugin prints belongs to none of its calls, and may hold what any of them knew. */
  const secrets = new Map<string, Redactor>()
  const everySecretOf = (id: string): Redactor => {
    const redactor = secrets.get(id) ?? createRedactor()
    secrets.set(id, redactor)
    return redactor
  }
  const logOf = (id: string): PluginLog => {
    const log = logs.get(id) ?? new PluginLog()
    logs.set(id, log)
    return log
  }
  const hostOf = ({ manifest: { id }, artifact }: InstalledPlugin, redact = (text: string) => everySecretOf(id).text(text)) =>
    new PluginHost({ name: id, folder: store.folder(artifact), engineId, confinement, redact, print: (line) => logOf(id).add(line) }, patience)

  const find = (id: string): Loaded => {
    const plugin = loaded.get(id)
    if (!plugin) throw new EngineError("not_found", `There is no plugin ${JSON.stringify(id)}.`)
    return plugin
  }

  const unload = async (id: string) => {
    const plugin = loaded.get(id)
    loaded.delete(id)
    await plugin?.host.retire()
  }

  const call = async <O extends string>(id: string, operation: O, input: PluginValue, context: CallContext): Promise<ResultOf<O>> => {
    const { manifest, artifact, host: process, validator } = find(id)
    if (!manifest.operations.includes(operation)) throw new EngineError("not_offered", `${id} does not offer ${operation}.`)
    const redactor = createRedactor({ and: everySecretOf(id) })
    redactor.add(input)
    const host = hosts.host(context.environment)
    const work = new Work(context.signal)
    const bridge = new RunBridge({ plugin: { manifest, artifact }, host, programs, context, signal: work.signal, redactor, validator, ports: (request) => ports(context, request), credentials, sync: syncOf(host, context) })
    const connection = { environment: host.name, address: host.address, user: userOf(context.environment) }
    try {
      const returned = await process.call(
        { operation, input: encode(input), reason: context.reason, engine: engineId, connection },
        {
          serve: (method, params, onLine) => work.add(bridge.serve(method, params, onLine)),
          log: (line) => context.log(redactor.text(line).slice(0, LINE_LENGTH)),
          progress: ({ fraction, message }) => context.progress({ fraction, message: message === undefined ? undefined : redactor.text(message) }),
        },
        context.signal,
      )
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was held against what `results` says of this very operation
      return acceptResult({ manifest, operation, input, validator, redactor }, returned) as ResultOf<O>
    } catch (error) {
      throw blame(id, operation, error, redactor)
    } finally {
      await work.end()
    }
  }

  return {
    install: (artifact) => install(store, artifact, (plugin) => hostOf(plugin)),
    load: async (plugin) => {
      const former = unload(plugin.manifest.id)
      loaded.set(plugin.manifest.id, { ...plugin, host: hostOf(plugin), validator: new Validator() })
      await former
    },
    unload,
    migrator: (plugin, pending) => createMigrator({ manifest: plugin.manifest, host: (redact) => hostOf(plugin, redact), pending, references }),
    sweep: (artifacts) => store.sweep(artifacts),
    manifest: (id) => find(id).manifest,
    artifact: (id) => find(id).artifact,
    offers: (id, operation) => find(id).manifest.operations.includes(operation),
    accept: async (id, name, value, at) => {
      const { manifest, validator } = find(id)
      try {
        return await acceptValue({ validator, schema: manifest.schemas[name], references }, value, at)
      } catch (error) {
        throw asEngineError(error)
      }
    },
    references: (id, name, value) => referencesIn(find(id).manifest.schemas[name], value).map(({ text }) => text),
    call,
    log: logOf,
    close: async () => {
      await Promise.all([...loaded.values()].map(({ host }) => host.close()))
      loaded.clear()
    },
  }
}

/** Pulls into the dataset a call may fill. */
function syncOf(host: Host, { dataset }: CallContext): Bridge["sync"] {
  if (dataset === undefined) return undefined
  return async ({ directory, user, to = "", exclude = [], delete: deleting = false, onlyNewer = false, checksum = false }, watch) =>
    host.pull({ from: directory, user, to: await directoryInside(dataset, to), exclude, delete: deleting, onlyNewer, checksum, ...watch })
}

/** What a call has running on hosts: none of it outlives the call. */
class Work {
  readonly #controller = new AbortController()
  readonly #running = new Set<Promise<unknown>>()
  readonly #outer: AbortSignal
  readonly #abort = () => this.#controller.abort(this.#outer.reason)

  constructor(outer: AbortSignal) {
    this.#outer = outer
    if (outer.aborted) this.#abort()
    outer.addEventListener("abort", this.#abort, { once: true })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  async add<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work)
    try {
      return await work
    } finally {
      this.#running.delete(work)
    }
  }

  /** Stops what the handler did not wait for, and waits until it has stopped. */
  async end(): Promise<void> {
    this.#outer.removeEventListener("abort", this.#abort)
    if (this.#running.size > 0) this.#controller.abort()
    await Promise.allSettled(this.#running)
  }
}
