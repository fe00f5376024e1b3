import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { UnreachableError } from "@veneer/engine/client"
import { UsageError } from "../errors.ts"

const DEFAULT_DATA_DIR = "/var/lib/veneer"
const RUN_FILE = "/run/veneer/engine.json"

/** What a person said of where the engine is. */
export interface ConnectionOptions {
  url?: string | undefined
  token?: string | undefined
  dataDir?: string | undefined
}

/** How to reach an engine. */
export interface Address {
  /** For messages, and for HTTP where there is no socket. */
  url: string
  token: string
  /** Path of a Unix socket to use instead of the URL's host. */
  socket?: string
}

/** What a running engine writes beside its data. */
interface EngineFile {
  url: string
  socket: string
  tokenFile: string
}

/** The data directory one means without saying so. */
export const defaultDataDir = (): string => variable("VENEER_DATA_DIR") ?? DEFAULT_DATA_DIR

/** An environment variable; one that is empty is as good as unset. */
const variable = (name: string): string | undefined => process.env[name] || undefined

/** Finds the engine: the one named, else the one that runs on this machine. */
export async function locate({ url = variable("VENEER_URL"), token = variable("VENEER_TOKEN"), dataDir }: ConnectionOptions): Promise<Address> {
  if (url !== undefined && dataDir === undefined) {
    if (token === undefined) throw new UsageError(`No token is given for the engine at ${url}.`, "Give --token or set VENEER_TOKEN.")
    if (url.startsWith("unix:")) return { url, token, socket: url.slice("unix:".length).replace(/^\/\/(?=\/)/, "") }
    if (!/^https?:\/\//.test(url)) throw new UsageError(`"${url}" is no address of an engine.`, "Write it as http://host:port or unix:/path.")
    return { url, token }
  }
  const engine = await engineFile(dataDir)
  return { url: engine.url, socket: engine.socket, token: token ?? (await readToken(engine.tokenFile)) }
}

async function engineFile(dataDir: string | undefined): Promise<EngineFile> {
  const own = join(dataDir ?? defaultDataDir(), "engine.json")
  for (const file of dataDir === undefined ? [own, RUN_FILE] : [own]) {
    const text = await readFile(file, "utf8").catch(() => undefined)
    const found = text === undefined ? undefined : engineFileIn(text)
    if (found) return found
  }
  throw new UnreachableError(`No engine has left word in ${own}.`, { action: "Start one with `veneer engine start`, or name one: --url, --data-dir or VENEER_URL." })
}

function engineFileIn(text: string): EngineFile | undefined {
  const value: unknown = JSON.parse(text)
  if (typeof value !== "object" || value === null || !("url" in value && "socket" in value && "tokenFile" in value)) return undefined
  return { url: String(value.url), socket: String(value.socket), tokenFile: String(value.tokenFile) }
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim()
  } catch {
    throw new UsageError(`The token in ${file} can't be read.`, "Run as the engine's user, or give --token or VENEER_TOKEN.")
  }
}
