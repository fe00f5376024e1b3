import { chmod, mkdir, readFile, realpath, rename, writeFile } from "node:fs/promises"
import { randomBytes } from "node:crypto"
import { join } from "node:path"
import { newToken } from "./api/auth.ts"
import { newId } from "./catalog/ids.ts"

/** What an engine is started with. */
export interface EngineConfig {
  /** Holds everything of the engine's own; made if it isn't there. */
  dataDir: string
  /** Loopback unless told; port 0 takes a free one. */
  listen: { host: string; port: number }
  /** Where the catalog is; without it the engine runs a private server in its data directory. */
  databaseUrl?: string | undefined
  /** Where datasets are mounted whose plugin asks for no path of its own; `mnt` in the data directory unless told. */
  mountRoot?: string | undefined
  /** How the pool `default` is made at the first start: the best driver this machine offers unless told. */
  pool?: { driver?: string | undefined; device?: string | undefined; sizeBytes?: number | undefined } | undefined
  /** TCP ports handed out on hosts, both ends included; 6000 to 6999 unless told. Engines that share a host want ranges apart. */
  ports?: readonly [number, number] | undefined
  /** A JSON file that names secret stores, from which credentials are fetched by reference; see `secrets/stores.ts`. */
  secrets?: string | undefined
  /** Whether any artifact of a plugin may replace any other, with a lower build number or without its migrations, too: only for engines that authors try builds on. */
  allowRebuild?: boolean | undefined
  /** How often health and sizes are looked at and workers run; see `workflows/watch.ts` for what is usual. */
  watch?: Partial<Rhythm> | undefined
  /** Jobs run at once. */
  jobs?: number | undefined
}

/** How often things are looked at, in milliseconds. */
export interface Rhythm {
  /** Whether something is due. */
  tickMs: number
  /** How a dSource or VDB is. */
  healthMs: number
  /** How large it is. */
  sizeMs: number
  /** Workers, instead of what their plugins declare. */
  workerMs?: number | undefined
}

/** What an engine keeps between its starts. */
export interface Identity {
  id: string
  /** Encrypts secrets in the catalog: 32 bytes. */
  key: Buffer
  /** The first token, which may do everything. */
  token: string
  tokenFile: string
}

/** Makes the data directory and reads, or makes, the engine's id, key and first token. */
export async function openDataDir(dataDir: string): Promise<{ path: string; identity: Identity }> {
  await mkdir(dataDir, { recursive: true })
  const path = await realpath(dataDir)
  // OS users of databases pass through to their mounts and scripts, but can't list it.
  await chmod(path, 0o711)
  const id = await keep(join(path, "engine-id"), newId)
  const key = Buffer.from(await keep(join(path, "key"), () => randomBytes(32).toString("base64")), "base64")
  const tokenFile = join(path, "token")
  const token = await keep(tokenFile, newToken)
  return { path, identity: { id, key, token, tokenFile } }
}

/** A small file that only its owner may read, made whole at the first look. */
async function keep(file: string, make: () => string): Promise<string> {
  const found = await readFile(file, "utf8").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return undefined
    throw thrown
  })
  if (found !== undefined) return found.trim()
  const made = make()
  await writeFile(`${file}.new`, `${made}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
  return made
}
