import { chown, mkdir, readFile, writeFile } from "node:fs/promises"
import { readdirSync, existsSync } from "node:fs"
import { createServer } from "node:net"
import { once } from "node:events"
import { join } from "node:path"
import { execa } from "execa"
import pg from "pg"
import { gone } from "./gone.ts"
import type { Sandbox } from "./sandbox.ts"

/** The newest PostgreSQL server programs of this machine, or undefined. */
export const BIN = ["/usr/lib/postgresql"].flatMap((root) => (existsSync(root) ? readdirSync(root).map((major) => ({ major: Number(major), bin: join(root, major, "bin") })) : []))
  .filter(({ bin }) => existsSync(join(bin, "initdb")) && existsSync(join(bin, "pg_verifybackup")))
  .sort((a, b) => b.major - a.major)[0]?.bin

/** Why tests on real servers and real storage can't run here; undefined when they can. */
export const LACKS = process.getuid?.() === 0 ? (BIN === undefined ? "no PostgreSQL server is installed" : undefined) : "it needs root"

/** Runs a program as the OS user that owns databases. */
export const asOwner = (argv: readonly [string, ...string[]], input?: string) =>
  execa("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", "--", ...argv], { cwd: "/", ...(input !== undefined && { input }) })

/** A throwaway PostgreSQL that stands for production. */
export interface Server {
  port: number
  data: string
  /** A superuser's connection over TCP. */
  url: string
  replicator: { username: string; password: string }
  query<T extends pg.QueryResultRow>(sql: string, database?: string): Promise<T[]>
  pgbench(...argv: string[]): ReturnType<typeof asOwner>
}

/** Starts one with a replication role. Its passwords are as hostile as they may be. */
export async function startServer(sandbox: Sandbox, settings: Record<string, string> = {}): Promise<Server> {
  if (BIN === undefined) throw new Error("no PostgreSQL server is installed")
  const home = join(sandbox.path, "source")
  const data = join(home, "data")
  const { stdout: id } = await asOwner(["id", "-u"])
  await mkdir(home, { mode: 0o700 })
  await chown(home, Number(id), -1)
  const port = await freePort()
  const superuser = "s'u\"per $ü"
  const replicator = { username: "replicator", password: "it's a $ecret \"p'w\" \\ ü" }
  const passwords = join(sandbox.path, "superuser-password")
  await writeFile(passwords, superuser, { mode: 0o644 })
  await asOwner([join(BIN, "initdb"), "--pgdata", data, "--username", "postgres", "--auth-local", "trust", "--auth-host", "scram-sha-256", "--pwfile", passwords, "--data-checksums", "--no-sync"])
  const options = Object.entries({ listen_addresses: "127.0.0.1", unix_socket_directories: home, fsync: "off", ...settings }).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`)
  await asOwner(["tee", "-a", join(data, "postgresql.conf")], options.join(""))
  await asOwner([join(BIN, "pg_ctl"), "start", "--wait", "--silent", "--pgdata", data, "--log", join(home, "log"), "--options", `-p ${port}`])
  sandbox.defer(async () => {
    const pid = Number((await readFile(join(data, "postmaster.pid"), "utf8")).split("\n")[0])
    process.kill(pid, "SIGINT")
    await gone(pid)
  })
  const url = (database: string) => `postgresql://postgres:${encodeURIComponent(superuser)}@127.0.0.1:${port}/${encodeURIComponent(database)}`
  const query = async <T extends pg.QueryResultRow>(sql: string, database = "postgres") => queryUrl<T>(url(database), sql)
  await query(`create role ${pg.escapeIdentifier(replicator.username)} replication login password ${pg.escapeLiteral(replicator.password)}`)
  const where = ["--host", home, "--port", String(port), "--username", "postgres"]
  const bin = BIN
  return { port, data, url: url("postgres"), replicator, query, pgbench: (...argv) => asOwner([join(bin, "pgbench"), ...where, ...argv]) }
}

/** One statement on a connection of its own. */
export async function queryUrl<T extends pg.QueryResultRow>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<T>(sql)).rows
  } finally {
    await client.end()
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port")
  return address.port
}
