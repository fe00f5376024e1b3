import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync, readlinkSync, watch } from "node:fs"
import { chmod, chown, mkdir, open, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { execa } from "execa"
import { EngineError } from "../errors.ts"
import { until } from "../until.ts"
import type { CatalogAddress } from "./catalog.ts"
import { accountOf, findBinaries, type Account } from "./binaries.ts"

const ROLE = "veneer"
/** Names the socket only: nothing listens on TCP. */
const SOCKET_PORT = 5432
const START_DEADLINE_MS = 60_000
const STOP_DEADLINE_MS = 30_000
/** A Unix socket's path may have 107 bytes (unix(7)); this much of it is PostgreSQL's own file name. */
const SOCKET_NAME_BYTES = "/.s.PGSQL.5432.lock".length
const SOCKET_PATH_BYTES = 107

/** Where a private cluster lives. */
export interface EmbeddedSettings {
  /** The engine's data directory; the cluster takes `catalog` in it. */
  dataDir: string
  /** Tells this engine's socket from others' where the data directory's path is too long for one. */
  engineId: string
}

/** A running private cluster. */
export interface EmbeddedCluster {
  address: CatalogAddress
  /** Shuts it down, writing everything out. */
  stop(): Promise<void>
}

/**
 * Runs the catalog's own PostgreSQL on a Unix socket, without TCP, made at the first start. It outlives a killed engine:
 * the next one adopts it.
 */
export async function startEmbeddedCluster({ dataDir, engineId }: EmbeddedSettings): Promise<EmbeddedCluster> {
  const home = join(dataDir, "catalog")
  const data = join(home, "data")
  const socketDirectory = socketDirectoryOf(home, engineId)
  const binaries = findBinaries()
  const account = process.getuid?.() === 0 ? unprivileged() : undefined
  for (const directory of [home, socketDirectory]) await ownedDirectory(directory, account)
  // Discovery passes over clusters that belong to an engine.
  await writeFile(join(home, ".veneer"), "catalog\n")
  if (!existsSync(join(data, "veneer-made"))) await makeCluster(join(binaries, "initdb"), data, account)
  if (runningPostmaster(data) === undefined) await startPostmaster(join(binaries, "postgres"), { data, home, socketDirectory, account })
  await waitUntilReady(data, home)
  return {
    address: { socketDirectory, port: SOCKET_PORT, user: ROLE, database: "postgres" },
    stop: () => stopPostmaster(data),
  }
}

/** PostgreSQL refuses to run as root. Its package's own account is the natural one; `nobody` is there without it. */
const unprivileged = (): Account | undefined => accountOf("postgres") ?? accountOf("nobody")

function socketDirectoryOf(home: string, engineId: string): string {
  const inside = join(home, "socket")
  return Buffer.byteLength(inside) + SOCKET_NAME_BYTES <= SOCKET_PATH_BYTES ? inside : `/tmp/veneer-catalog-${engineId}`
}

async function ownedDirectory(directory: string, account: Account | undefined): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await chmod(directory, 0o700)
  if (account) await chown(directory, account.uid, account.gid)
}

/** A marker written last tells a finished cluster from one whose initdb was interrupted. */
async function makeCluster(initdb: string, data: string, account: Account | undefined): Promise<void> {
  await rm(data, { recursive: true, force: true })
  await execa(initdb, ["--pgdata", data, "--username", ROLE, "--auth-local", "peer", "--auth-host", "reject", "--encoding", "UTF8", "--locale", "C"], {
    ...account, cwd: "/", env: { LC_ALL: "C" },
  })
  const systemUsers = new Set(["root", process.env["USER"] ?? "root", account?.name ?? "root"])
  const files = {
    "pg_hba.conf": `local all ${ROLE} peer map=engine\n`,
    "pg_ident.conf": [...systemUsers].map((user) => `engine "${user}" ${ROLE}\n`).join(""),
    "postgresql.conf": settings(),
    "veneer-made": "",
  }
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(data, name), text, { mode: 0o600 })
    if (account) await chown(join(data, name), account.uid, account.gid)
  }
}

function settings(): string {
  return `listen_addresses = ''
port = ${SOCKET_PORT}
max_connections = 40
shared_buffers = 32MB
max_wal_size = 128MB
jit = off
logging_collector = off
log_min_messages = warning
`
}

async function startPostmaster(
  postgres: string,
  { data, home, socketDirectory, account }: { data: string; home: string; socketDirectory: string; account: Account | undefined },
): Promise<void> {
  const log = await open(join(home, "log"), "a", 0o600)
  try {
    // Its own session and none of the engine's variables: it lives on when the engine is killed, and isn't taken for a stray child.
    const child = spawn(postgres, ["-D", data, "-c", `unix_socket_directories=${socketDirectory}`], {
      ...(account && { uid: account.uid, gid: account.gid }),
      cwd: "/", detached: true, stdio: ["ignore", log.fd, log.fd], env: { PATH: process.env["PATH"], LC_ALL: "C" },
    })
    await once(child, "spawn")
    child.unref()
  } finally {
    await log.close()
  }
}

/** Pid of the postmaster that runs on this data directory, proven by its working directory. */
function runningPostmaster(data: string): number | undefined {
  const pid = Number(pidFileLines(data)[0])
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === data ? pid : undefined
  } catch {
    return undefined
  }
}

function pidFileLines(data: string): string[] {
  try {
    return readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")
  } catch {
    return []
  }
}

/** The postmaster writes its state in the eighth line of its lock file (PostgreSQL's pg_ctl reads the same). */
async function waitUntilReady(data: string, home: string): Promise<void> {
  const ready = () => pidFileLines(data)[7]?.trim() === "ready" && runningPostmaster(data) !== undefined
  const deadline = AbortSignal.timeout(START_DEADLINE_MS)
  const watcher = watch(data)
  try {
    while (!ready()) {
      await Promise.race([once(watcher, "change", { signal: deadline }), once(watcher, "error", { signal: deadline })])
    }
  } catch (cause) {
    throw new EngineError("program_missing", "The catalog's PostgreSQL did not start.", {
      action: `Read ${join(home, "log")}, mend what it names and start the engine again.`, cause,
    })
  } finally {
    watcher.close()
  }
}

async function stopPostmaster(data: string): Promise<void> {
  const pid = runningPostmaster(data)
  if (pid === undefined) return
  process.kill(pid, "SIGINT") // fast shutdown: sessions are ended, everything is written
  await until(() => runningPostmaster(data) === undefined && !existsSync(join(data, "postmaster.pid")), { deadlineMs: STOP_DEADLINE_MS })
}
