import { execFile, spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { chown, mkdir, open, readFile, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { promisify } from "node:util"
import { asOwner } from "../support/server.ts"
import { firstSelect } from "./clock.ts"

const run = promisify(execFile)
const FIRST_PORT = 20_000
const READY_DEADLINE_MS = 60_000

/** What is done by hand, and where. */
export interface HandOptions {
  /** Where a btrfs pool is mounted. */
  pool: string
  /** PostgreSQL's programs. */
  bin: string
  /** For sockets, logs and configuration files: a folder outside the pool. */
  folder: string
  /** The postgresql.conf of a VDB, so that both sides run with the same settings. */
  vdbConfiguration: string
  signal: AbortSignal
}

/** Where a clone will be and how its server will be reached, laid out beforehand. */
export interface Place {
  dataset: string
  data: string
  configuration: string
  log: string
  url: string
}

/** A clone with a server on it, made without Veneer. */
export interface HandServer {
  place: Place
  process: ChildProcess
}

/**
 * The floor: the same as Veneer does, by `btrfs` and `postgres` and nothing else. Node has no datagram sockets for
 * NOTIFY_SOCKET, so readiness is read from the eighth line of postmaster.pid, looked at every millisecond.
 */
export class ByHand {
  readonly owner: { uid: number; gid: number }
  readonly #options: HandOptions
  #count = 0

  private constructor(options: HandOptions, owner: { uid: number; gid: number }) {
    this.#options = options
    this.owner = owner
  }

  static async prepare(options: HandOptions): Promise<ByHand> {
    const [uid, gid] = await Promise.all(["-u", "-g"].map(async (option) => Number((await asOwner(["id", option])).stdout)))
    if (uid === undefined || gid === undefined) throw new Error("The owner of databases has a number.")
    await mkdir(options.folder, { mode: 0o700 })
    await chown(options.folder, uid, gid)
    await writeFile(join(options.folder, "hba"), "local all all trust\nhost all all 127.0.0.1/32 trust\n")
    // The engine leaves alone what no dataset of its own can be called.
    await mkdir(join(options.pool, ".bench"), { mode: 0o755 })
    return new ByHand(options, { uid, gid })
  }

  /** A name in the pool that nobody has. */
  path(): string {
    return join(this.#options.pool, ".bench", String(++this.#count))
  }

  /** What is no part of the floor: a name, a free port, a configuration. */
  async place(): Promise<Place> {
    const { folder, vdbConfiguration } = this.#options
    const dataset = this.path()
    const data = join(dataset, "data")
    const port = await freePort(FIRST_PORT + this.#count)
    const own = { data_directory: data, hba_file: join(folder, "hba"), ident_file: "/dev/null", port: String(port), unix_socket_directories: folder, listen_addresses: "127.0.0.1" }
    const included = vdbConfiguration.replace("'../data/", `'${data}/`).replace("'source.conf'", `'${dataset}/veneer/source.conf'`)
    const configuration = join(folder, `${port}.conf`)
    await writeFile(configuration, `${included}\n${Object.entries(own).map(([name, value]) => `${name} = '${value}'\n`).join("")}`)
    return { dataset, data, configuration, log: join(folder, `${port}.log`), url: `postgresql://postgres@127.0.0.1:${port}/postgres` }
  }

  async clone(image: string, { dataset }: Place): Promise<void> {
    this.#options.signal.throwIfAborted()
    await run("btrfs", ["subvolume", "snapshot", join(this.#options.pool, image), dataset])
  }

  /** Execs the server on a clone and waits until it says that it is ready. */
  async start(place: Place): Promise<HandServer> {
    const { bin, signal } = this.#options
    const { data, configuration } = place
    signal.throwIfAborted()
    const log = await open(place.log, "a")
    try {
      const server = spawn(join(bin, "postgres"), ["-D", data, "-c", `config_file=${configuration}`], { ...this.owner, cwd: "/", stdio: ["ignore", log.fd, log.fd], env: { LANG: "C.UTF-8" } })
      await until(() => statusOf(data, server.pid) === "ready", server)
      return { place, process: server }
    } catch (cause) {
      throw new Error(`A server by hand did not start:\n${await readFile(place.log, "utf8")}`, { cause })
    } finally {
      await log.close()
    }
  }

  /** Ends a server as one ends what will be thrown away. */
  async stop({ process }: HandServer): Promise<void> {
    if (process.exitCode !== null || process.signalCode !== null) return
    const ended = once(process, "exit")
    process.kill("SIGQUIT")
    await ended
  }

  async destroy(dataset: string): Promise<void> {
    await run("btrfs", ["subvolume", "delete", dataset])
  }

  async remove(server: HandServer): Promise<void> {
    await this.stop(server)
    await this.destroy(server.place.dataset)
  }

  /** From an image to a first `select 1`. */
  async provision(image: string): Promise<{ ms: number; server: HandServer }> {
    const place = await this.place()
    const begun = performance.now()
    await this.clone(image, place)
    const server = await this.start(place)
    return { ms: (await firstSelect(place.url)) - begun, server }
  }
}

/** What the postmaster says of itself, of the one with this process id only. */
function statusOf(data: string, pid: number | undefined): string | undefined {
  try {
    const lines = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")
    return lines[0] === String(pid) ? lines[7]?.trim() : undefined
  } catch {
    return undefined
  }
}

async function until(condition: () => boolean, server: ChildProcess): Promise<void> {
  const deadline = performance.now() + READY_DEADLINE_MS
  while (!condition()) {
    if (server.exitCode !== null || performance.now() > deadline) throw new Error("It is not ready.")
    await delay(1)
  }
}

async function freePort(from: number): Promise<number> {
  for (let port = from; port < from + 5000; port++) {
    const server = createServer().listen(port, "127.0.0.1")
    const free = await Promise.race([once(server, "listening").then(() => true), once(server, "error").then(() => false)])
    server.close()
    if (free) return port
  }
  throw new Error(`No port is free from ${from} on.`)
}
