import { randomBytes } from "node:crypto"
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Schemas } from "@veneer/sdk"
import { acceptValue } from "@veneer/sdk/contract"
import type { PluginDescription } from "@veneer/sdk/describe"
import { Validator } from "@veneer/sdk/values"
import type { TestHost } from "../hosts/host.ts"
import { Newcomers } from "../hosts/local/processes.ts"
import { describe } from "../operation/call.ts"
import { credentialsFrom } from "../operation/credentials.ts"
import { folderOf } from "../operation/folder.ts"
import { PortBook } from "../operation/ports.ts"
import { MountTable } from "./mounts.ts"
import type { Lazy, SuiteOptions, SuiteParameters } from "./options.ts"
import { SecretWatch } from "./secrets.ts"
import { copyStorage, type SuiteStorage } from "./storage.ts"
import type { Value, World } from "./world.ts"

/** Letters and digits: what ids are made of. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"

/** As scripts find it in VENEER_ENGINE, and plugins in `engine`. */
export const ENGINE = "testkit"

/** Everything one suite works with: a plugin, a host, storage, and what there is so far. */
export class Kit {
  readonly plugin: unknown
  readonly description: PluginDescription
  readonly scripts: string | undefined
  readonly host: TestHost
  readonly storage: SuiteStorage
  readonly root: string
  readonly parameters: SuiteParameters
  readonly credentials: ReturnType<typeof credentialsFrom>
  readonly mounts: MountTable
  readonly ports: PortBook
  readonly validator = new Validator()
  readonly newcomers = new Newcomers()
  readonly secrets: SecretWatch
  readonly world: World = { ids: new Set() }
  /** Lines of the log since the last workflow began. */
  log: string[] = []
  #turn = 0

  constructor({ plugin, description, scripts, host, storage, root, parameters, credentials }: Pick<Kit, "plugin" | "description" | "scripts" | "host" | "storage" | "root" | "parameters" | "credentials">) {
    this.plugin = plugin
    this.description = description
    this.scripts = scripts
    this.host = host
    this.storage = storage
    this.root = root
    this.parameters = parameters
    this.credentials = credentials
    this.mounts = new MountTable(this.newcomers)
    this.ports = new PortBook(host)
    this.secrets = new SecretWatch(host, this.newcomers)
  }

  offers(operation: string): boolean {
    return this.description.operations.includes(operation)
  }

  /** What a person gave, as handlers get it. @throws naming each wrong field */
  async accept(name: keyof Schemas, value: Record<string, unknown>): Promise<Value> {
    const schema = this.description.schemas[name]
    // Whatever is referred to is there.
    return acceptValue({ validator: this.validator, schema, references: async ({ text }) => ({ id: text }) }, value, `/parameters/${name}`)
  }

  /** An id nothing else has. */
  newId(): string {
    const id = Array.from(randomBytes(12), (byte) => ALPHABET[byte & 31]).join("")
    this.world.ids.add(id)
    return id
  }

  /** Numbers snapshots. */
  nextTurn(): number {
    this.#turn += 1
    return this.#turn
  }

  /** Where a mount without a path of its own appears. */
  mountPath(...parts: readonly string[]): string {
    return join(this.root, "mounts", ...parts)
  }

  /** Texts that differ from run to run, by the name that stands for them in a recording. */
  volatile(): Map<string, string> {
    const ids = [...this.world.ids].map((id, index): [string, string] => [`id-${index + 1}`, id])
    const ports = [...this.world.ids].flatMap((id, index) => [...this.ports.of(id)].map(([label, port]): [string, string] => [`port-${index + 1}-${label}`, String(port)]))
    return new Map([["root", this.root], ...ids, ...ports])
  }

  /** After a failure: ends what works on anything of the suite's, and forgets what there is. */
  async startOver(): Promise<void> {
    const { world, newcomers } = this
    const left = this.host.isHere ? [...newcomers.holding([this.root]), ...newcomers.naming([...world.ids])] : []
    for (const { pid } of left) end(pid)
    await this.mounts.clear()
    world.dsource = undefined
    world.vdb = undefined
    world.ids.clear()
    this.ports.released.length = 0
  }

  async close(): Promise<void> {
    await this.mounts.clear()
    await this.host.close()
    await rm(this.root, { recursive: true, force: true })
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It has ended by itself, or is somebody else's.
  }
}

/** Opens host and storage, and a temporary folder that every OS user may enter. */
export async function openKit<S extends Schemas>(plugin: unknown, options: SuiteOptions<S>): Promise<Kit> {
  const scripts = folderOf(options.scripts)
  const description = describe(plugin, scripts)
  const root = await mkdtemp(join(tmpdir(), "veneer-suite-"))
  await chmod(root, 0o755)
  const [host, storage, parameters] = [await made(options.host), options.storage === undefined ? copyStorage(join(root, "datasets")) : await made(options.storage), await made(options.parameters ?? {})]
  return new Kit({ plugin, description, scripts, host, storage, root, parameters, credentials: credentialsFrom(options.credentials ?? {}) })
}

const made = async <T>(lazy: Lazy<T>): Promise<T> => (isMaker(lazy) ? lazy() : lazy)

const isMaker = <T>(lazy: Lazy<T>): lazy is () => T | Promise<T> => typeof lazy === "function"
