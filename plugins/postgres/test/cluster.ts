import { mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { spawnSync } from "node:child_process"
import { freePort, runAs, type TestHost } from "./host.ts"

/** A source cluster of a test's own, run as the OS user postgres. */
export interface Cluster {
  data: string
  port: number
  bin: string
  major: number
  socketDirectory: string
  psql(sql: string, database?: string): Promise<string>
  /** Replaces pg_hba.conf, our own way in apart. */
  hba(...lines: string[]): Promise<void>
  restart(...settings: string[]): Promise<void>
  stop(): Promise<void>
}

/** Runs psql as the OS user postgres with libpq's environment variables; throws with what it said. */
export async function psql(bin: string, environment: Record<string, string>, sql: string): Promise<string> {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  const ended = await runAs("postgres", ["env", ...variables, join(bin, "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1"], sql)
  if (ended.exitCode !== 0) throw new Error(ended.stderr)
  return ended.stdout.trim()
}

/** The newest installation of this machine, in Debian's place. */
export function newestBin(): { bin: string; major: number } {
  const [major] = readdirSync("/usr/lib/postgresql").map(Number).sort((one, other) => other - one)
  return { bin: `/usr/lib/postgresql/${String(major)}/bin`, major: major ?? 0 }
}

async function act(...argv: [string, ...string[]]): Promise<void> {
  const ended = await runAs("postgres", argv)
  if (ended.exitCode !== 0) throw new Error(ended.stdout + ended.stderr)
}

export async function makeCluster(host: TestHost, name: string, initdbOptions: string[] = [], ...firstSettings: string[]): Promise<Cluster> {
  const { bin, major } = newestBin()
  const data = join(host.directory, name, "data")
  const socketDirectory = `/tmp/veneer-test-${String(process.pid)}-${name}`
  const port = await freePort()
  mkdirSync(join(host.directory, name), { recursive: true })
  mkdirSync(socketDirectory, { recursive: true })
  spawnSync("chown", ["postgres:", join(host.directory, name), socketDirectory])
  await act(join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C", ...initdbOptions)
  const start = (settings: string[]) => act(join(bin, "pg_ctl"), "-D", data, "-w", "-l", join(host.directory, name, "log"), "-o",
    [`port=${String(port)}`, "listen_addresses=127.0.0.1", `unix_socket_directories=${socketDirectory}`, "fsync=off", "shared_buffers=32MB", ...settings].map(setting => `-c ${setting}`).join(" "), "start")
  const stop = () => act(join(bin, "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
  await start(firstSettings)
  return {
    data, port, bin, major, socketDirectory,
    psql: (sql, database = "postgres") => psql(bin, { PGHOST: socketDirectory, PGPORT: String(port), PGUSER: "postgres", PGDATABASE: database }, sql),
    async hba(...lines) {
      writeFileSync(join(data, "pg_hba.conf"), ["local all postgres trust", ...lines, ""].join("\n"))
      await psql(bin, { PGHOST: socketDirectory, PGPORT: String(port), PGUSER: "postgres", PGDATABASE: "postgres" }, "select pg_reload_conf()")
    },
    async restart(...settings) {
      await act(join(bin, "pg_ctl"), "-D", data, "-m", "fast", "-w", "stop")
      await start(settings)
    },
    async stop() {
      await stop().catch(() => undefined)
      spawnSync("rm", ["-rf", socketDirectory])
    },
  }
}
