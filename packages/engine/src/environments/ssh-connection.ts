import { setTimeout as delay } from "node:timers/promises"
import type { Client, ClientChannel } from "ssh2"
import { EngineError } from "../errors.ts"
import { Channels } from "./channels.ts"
import { algorithmsFor, isSameKey, keyOf, keyText, parseHostKey, type HostKey, type KeyAlgorithm } from "./host-key.ts"
import type { NewRemote } from "./port.ts"
import { loadSsh } from "./load-ssh.ts"
import { answerDialogue, loginOptions, type FollowReference } from "./ssh-login.ts"

/** How long a host may take to let one in. */
const READY_MS = 20_000

/** A host that has not answered for so long is taken for gone, after so many questions. */
const KEEPALIVE_MS = 15_000
const KEEPALIVES = 3

/** A connection nobody used for so long is ended. */
const IDLE_MS = 600_000

/** A server may take a moment to forget a channel that has closed. */
const REFUSALS = 40
const REFUSAL_MS = 50

/** What a channel is opened for. */
export interface Opening {
  /** Whether it may be needed for hours. */
  long?: boolean | undefined
  signal?: AbortSignal | undefined
}

/** A client that has logged in. */
interface Session {
  client: Client
  key: HostKey
  /** Why it ended, once it has. */
  ended?: Error | undefined
}

/** The one connection to a host, made when it is first needed and again when it broke. */
export class SshConnection {
  readonly #remote: NewRemote
  readonly #follow: FollowReference
  readonly #channels = new Channels()
  #session: Promise<Session> | undefined
  #idle: NodeJS.Timeout | undefined
  #open = 0

  constructor(remote: NewRemote, follow: FollowReference) {
    this.#remote = remote
    this.#follow = follow
  }

  /** The key that the host presented. */
  async hostKey(): Promise<string> {
    return keyText((await this.#connected()).key)
  }

  /**
   * Has the login user's shell run a command line, on a channel of its own.
   * @throws EngineError `environment_unreachable`, `host_key_changed`, `login_refused`
   */
  async exec(line: string, { long = false, signal }: Opening = {}): Promise<ClientChannel> {
    clearTimeout(this.#idle)
    this.#open++
    let release: (() => void) | undefined
    const done = () => {
      release?.()
      if (--this.#open === 0) this.#idle = setTimeout(() => this.close(), IDLE_MS).unref()
    }
    try {
      for (let refusals = 0; ; ) {
        release = await this.#channels.take({ long, signal })
        const session = await unlessAborted(this.#connected(), signal)
        const channel = await openChannel(session, line)
        if (channel) return channel.once("close", done)
        if (session.ended) throw this.#unreachable(`the connection broke: ${session.ended.message}`, session.ended)
        if (this.#channels.shared) this.#channels.narrow()
        else if (++refusals > REFUSALS) throw this.#unreachable("it gives a connection no channel")
        else await delay(REFUSAL_MS)
        release()
      }
    } catch (error) {
      done()
      throw error
    }
  }

  /** Ends it; the next command makes another. */
  close(): void {
    clearTimeout(this.#idle)
    const session = this.#session
    this.#session = undefined
    session?.then(({ client }) => client.end(), () => undefined)
  }

  #connected(): Promise<Session> {
    if (this.#session) return this.#session
    const session = this.#connect()
    const forget = () => {
      if (this.#session === session) this.#session = undefined
    }
    this.#session = session
    session.then(({ client, ended }) => (ended ? forget() : client.once("close", forget)), forget)
    return session
  }

  async #connect(): Promise<Session> {
    const { ssh } = this.#remote
    const expected = ssh.hostKey === undefined ? undefined : parseHostKey(ssh.hostKey)
    const presented: HostKey[] = []
    for (const algorithms of algorithmsFor(expected)) {
      const session = await this.#logIn(expected, algorithms, presented)
      if (session) return session
    }
    const shown = presented.length === 0 ? "none of that kind" : presented.map(keyText).join(", ")
    throw new EngineError("host_key_changed", `${ssh.host} does not present the host key ${ssh.hostKey}, but ${shown}.`)
  }

  /** @returns undefined when the host presented another key than the one expected, or has none of the kind asked for */
  async #logIn(expected: HostKey | undefined, serverHostKey: KeyAlgorithm[], presented: HostKey[]): Promise<Session | undefined> {
    const { ssh } = this.#remote
    const login = await loginOptions(ssh.login, this.#follow)
    const client = new (await loadSsh()).Client()
    let key: HostKey | undefined
    const hostVerifier = (blob: Buffer): boolean => {
      key = keyOf(blob)
      return expected === undefined || isSameKey(expected, key)
    }
    answerDialogue(client, login)
    // One may come after its end, too.
    client.on("error", () => undefined)
    try {
      await ready(client, () => client.connect({
        ...login, hostVerifier, host: ssh.host, port: ssh.port, username: ssh.user, algorithms: { serverHostKey }, readyTimeout: READY_MS, keepaliveInterval: KEEPALIVE_MS, keepaliveCountMax: KEEPALIVES,
      }))
    } catch (error) {
      client.destroy()
      if (key !== undefined && expected !== undefined && !isSameKey(expected, key)) {
        presented.push(key)
        return undefined
      }
      if (key === undefined && expected !== undefined && /no matching host key format/.test(String(error))) return undefined
      throw this.#failure(error)
    }
    if (key === undefined) throw new EngineError("internal", `${ssh.host} let one in without a host key.`)
    const session: Session = { client, key }
    client.setNoDelay(true)
    client.on("error", (error) => (session.ended ??= error))
    client.once("close", () => (session.ended ??= new Error("it was closed")))
    return session
  }

  #failure(thrown: unknown): EngineError {
    const { host, user, login } = this.#remote.ssh
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    if (thrown instanceof Error && "level" in thrown && (thrown.level === "client-authentication" || thrown.level === "agent")) {
      return new EngineError("login_refused", `${host} lets nobody in as ${user} by the ${WAYS[login.type]} given.`, { cause: thrown })
    }
    return this.#unreachable(message, thrown)
  }

  #unreachable(why: string, cause?: unknown): EngineError {
    const { name, ssh } = this.#remote
    return new EngineError("environment_unreachable", `"${name}" can't be reached at ${ssh.host}, port ${ssh.port}: ${why}.`, { cause })
  }
}

const WAYS = { password: "password", keyPair: "key", agent: "agent's keys, or none of them,", reference: "credentials of the reference" } as const

function ready(client: Client, connect: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error("the host closed the connection"))
    client.once("ready", () => {
      client.off("error", reject).off("close", gone)
      resolve()
    })
    client.once("error", reject).once("close", gone)
    connect()
  })
}

/** @returns undefined when the server gave none, or the connection broke */
function openChannel({ client }: Session, line: string): Promise<ClientChannel | undefined> {
  return new Promise((resolve) => {
    const gone = () => resolve(undefined)
    client.once("close", gone)
    try {
      client.exec(line, (error, channel) => {
        client.off("close", gone)
        resolve(error ? undefined : channel)
      })
    } catch {
      gone()
    }
  })
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  let abort: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(new Error("The wait for the host was given up."))
    if (signal.aborted) abort()
    else signal.addEventListener("abort", abort, { once: true })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    if (abort) signal.removeEventListener("abort", abort)
  }
}
